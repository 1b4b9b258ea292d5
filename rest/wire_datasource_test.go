package rest

var datasourceRows []wireRow
