package rest

var workRows []wireRow
