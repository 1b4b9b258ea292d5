package rest

var publishRows []wireRow
