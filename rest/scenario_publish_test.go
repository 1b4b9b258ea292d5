package rest_test

var publishScenarios = []scenario{
	{rows: []int{6, 8, 22, 29, 30, 41}, name: "a workbook, each way of publishing", run: testRoundTrip},
	{rows: []int{50, 53, 57, 134, 135}, name: "a real data source, in blocks", run: testRoundTripOfARealFile},
}
