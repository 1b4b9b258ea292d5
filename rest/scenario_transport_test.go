package rest_test

var transportScenarios []scenario
