package rest

var accessRows []wireRow
