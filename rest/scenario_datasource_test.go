package rest_test

var datasourceScenarios []scenario
