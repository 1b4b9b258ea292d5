package rest

var identityRows []wireRow
