package rest

import (
	"strings"
	"testing"
)

// TestFieldsOfTheSchema checks that the types have what the published schema (3.29) lets answers tell of their elements.
func TestFieldsOfTheSchema(t *testing.T) {
	t.Parallel()
	hasFields[Workbook](t, `@contentUrl @createdAt @defaultViewId @description @encryptExtracts @hasExtracts @id @lastPublishedAt @name
		@primaryContentUrl @recentlyViewed @shareDescription @sheetCount @showTabs @size @updatedAt @webpageUrl project/@id project/@name
		location/@id location/@type location/@name owner/@id owner/@name tags/tag/@label views/view dataAccelerationConfig
		dataFreshnessPolicy`)
	hasFields[View](t, `@contentUrl @createdAt @favoritesTotal @id @name @recentlyViewed @sheetType @updatedAt @viewUrlName workbook/@id
		workbook/@name owner/@id owner/@name project/@id project/@name tags/tag/@label usage/@totalViewCount dataAccelerationConfig
		location/@id location/@type location/@name`)
	hasFields[CustomView](t, `@createdAt @id @lastAccessedAt @name @shared @updatedAt view/@id view/@name workbook/@id workbook/@name
		owner/@id owner/@name`)
	hasFields[Datasource](t, `@certificationNote @connectedWorkbooksCount @contentUrl @createdAt @databaseName @description
		@encryptExtracts @favoritesTotal @hasAlert @hasExtracts @hasSemanticLayerConnection @id @isCertified @isPublished @name
		@parentType @serverName @size @type @updatedAt @useRemoteQueryAgent @webpageUrl project/@id project/@name location/@id
		location/@type location/@name owner/@id owner/@name tags/tag/@label parentDataSourceUrls/text()`)
	hasFields[Connection](t, `@authenticationType @dbClass @embedPassword @filename @googleSheetId @id @instanceUrl @oauthConfigId
		@queryTaggingEnabled @scope @serverAddress @serverPort @type @useOAuthManagedKeychain @userName datasource/@id datasource/@name`)
	hasFields[Flow](t, `@createdAt @description @fileType @id @name @updatedAt @webpageUrl project/@id project/@name owner/@id
		owner/@name tags/tag/@label parameters/parameter`)
	hasFields[Project](t, `@contentPermissions @controllingPermissionsProjectId @createdAt @description @favoritesTotal @id @name
		@parentProjectId @topLevelProject @updatedAt @writeable owner/@id owner/@name contentsCounts`)
	hasFields[User](t, `@authSetting @contentAdmin @email @externalAuthUserId @fullName @glsiMinimumSiteRole @id @identifier
		@identityPoolId @identityPoolName @idpConfigurationId @idpConfigurationName @language @lastLogin @locale @name @ownsContent
		@siteRole domain/@name`) // groups are a list of their own
	hasFields[Group](t, `@externalUserEnabled @id @minimumSiteRole @name @userCount domain/@name import`)
	hasFields[GroupSet](t, `@groupCount @id @name group`)
	hasFields[Schedule](t, `@createdAt @endScheduleAt @executionOrder @frequency @id @name @nextRunAt @priority @state @type @updatedAt
		frequencyDetails/@start frequencyDetails/@end frequencyDetails/intervals/interval`)
	hasFields[ExtractRefreshTask](t, `@id @type @priority @consecutiveFailedCount schedule workbook/@id datasource/@id view/@id`)
	hasFields[Job](t, `@completedAt @createdAt @finishCode @id @mode @progress @startedAt @type @updatedAt statusNotes/statusNote
		updateUploadedFileJob/notes/text() updateUploadedFileJob/connectionLuid/text() updateUploadedFileJob/datasource/@id
		extractRefreshJob/notes/text() extractRefreshJob/datasource/@id extractRefreshJob/view/@id extractRefreshJob/virtualConnection/@id
		extractRefreshJob/workbook/@id subscriptionJobType/notes/text() subscriptionJobType/subscriptionId/text()
		subscriptionJobType/subscriptionSubject/text() runFlowJobType/@flowRunId runFlowJobType/notes/text() runFlowJobType/flow/@id
		extractCreationJob/notes/text() extractCreationJob/workbook/@id extractCreationJob/datasource/@id thumbnailsRefreshJob/workbook/@id`)
	hasFields[BackgroundJob](t, `@createdAt @endedAt @id @jobType @priority @startedAt @status @subtitle @title`)
	hasFields[Revision](t, `@current @deleted @publishedAt @revisionNumber @sizeInBytes publisher/@id publisher/@name`)
	hasFields[Subscription](t, `@attachImage @attachPdf @id @message @pageOrientation @pageSizeOption @refreshExtractTriggered @subject
		@suspended content/@id content/@type content/@name content/@sendIfViewEmpty content/@customViewId schedule user/@id user/@name`)
	hasFields[Favorite](t, `@addedAt @label @parentProjectName @position @targetOwnerName workbook view datasource project flow collection`)
	hasFields[DataAlert](t, `@alertCondition @alertThreshold @createdAt @creatorId @frequency @id @public @subject @suspended @updatedAt
		owner/@id owner/@name view/@id view/@name view/workbook/@id view/project/@id recipients/recipient`)
	hasFields[AlertRecipient](t, `@id @name @lastSent`)
	hasFields[Webhook](t, `@createdAt @event @id @isEnabled @name @statusChangeReason @updatedAt owner/@id owner/@name
		webhook-destination/webhook-destination-http/@url`)
	hasFields[DataAcceleration](t, `@accelerateNow @accelerationEnabled @accelerationStatus @lastUpdatedAt`)
	hasFields[VirtualConnection](t, `@certificationNote @createdAt @hasExtracts @id @isCertified @name @updatedAt @webpageUrl project/@id
		owner/@id tags/tag/@label content/text()`)
	hasFields[Collection](t, `@createdAt @description @id @name @permissionedItemCount @totalItemCount @updatedAt @visibility owner/@id`)
	hasFields[wireServerInfo](t, `productVersion/text() productVersion/@build prepConductorVersion/text() restApiVersion/text() platform/text()`)
}

func hasFields[T any](t *testing.T, places string) {
	t.Helper()
	for tag := range strings.FieldsSeq(places) {
		if len(placesLike[T](placesOf(tag)[0])) == 0 {
			t.Errorf("%T has no field for %s", *new(T), tag)
		}
	}
}
