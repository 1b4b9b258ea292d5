package rest_test

var accessScenarios []scenario
