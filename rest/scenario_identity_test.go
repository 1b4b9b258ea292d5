package rest_test

var identityScenarios []scenario
