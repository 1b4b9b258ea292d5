package rest

var contentRows []wireRow
