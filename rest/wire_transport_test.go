package rest

var transportRows []wireRow
