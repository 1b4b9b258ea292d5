package rest_test

var signInScenarios []scenario
