package rest_test

var contentScenarios []scenario
