package rest_test

var workScenarios []scenario
