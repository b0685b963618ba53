using Google.Apis.Http;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Stores.GoogleCloud;

public sealed class GoogleCloudErrorTests : CloudFixture
{
    private const string Denied =
        "syncer@proj.iam.gserviceaccount.com does not have storage.objects.create access to the Google Cloud Storage object. "
        + "Permission 'storage.objects.create' denied on resource (or it may not exist).";

    [Theory]
    [InlineData(401, "authError", "Invalid Credentials", ObjectStoreError.Unauthenticated, "gcloud auth application-default login")]
    [InlineData(403, "forbidden", Denied, ObjectStoreError.PermissionDenied,
        "syncer@proj.iam.gserviceaccount.com lacks storage.objects.create",
        "gcloud storage buckets add-iam-policy-binding gs://bucket --member=serviceAccount:syncer@proj.iam.gserviceaccount.com --role=roles/storage.objectUser")]
    [InlineData(403, "forbidden", "Caller does not have storage.objects.get access to the Google Cloud Storage object.",
        ObjectStoreError.PermissionDenied, "lacks storage.objects.get", "--role=roles/storage.objectViewer")]
    [InlineData(403, "insufficientPermissions", "Insufficient Permission", ObjectStoreError.PermissionDenied, "auth/cloud-platform")]
    [InlineData(403, "accountDisabled", "The billing account is disabled", ObjectStoreError.PermissionDenied, "billing account")]
    [InlineData(403, "retentionPolicyNotMet", "Object is subject to retention", ObjectStoreError.PermissionDenied, "without one")]
    [InlineData(403, "rateLimitExceeded", "Rate limit", ObjectStoreError.RateLimited, "rate")]
    [InlineData(400, "required", "Bucket is a requester pays bucket but no user project provided.", ObjectStoreError.InvalidRequest, "ModelCache:UserProject")]
    [InlineData(400, "invalid", "Something is odd", ObjectStoreError.InvalidRequest, "Something is odd")]
    [InlineData(429, "rateLimitExceeded", "The object exceeded the rate limit", ObjectStoreError.RateLimited, "one change a second")]
    [InlineData(503, "backendError", "Backend Error", ObjectStoreError.Unavailable, "503")]
    public async Task Answer_ErrorOfTheApi_BecomesOneLineThatSaysWhatToDo(
        int status, string reason, string message, ObjectStoreError error, params string[] expected)
    {
        Fault = _ => CloudStorageFault.Error(status, reason, message);

        var failure = await FailsAsync(() => Store.GetAsync("models/file", default, Token), error);

        failure.Message.Should().ContainAll(expected).And.Contain("gs://bucket");
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>")]
    [InlineData("<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access denied.</Message></Error>")]
    [InlineData("plain\r\ntext \u001b[31m with controls")]
    [InlineData("{\"error\":\"invalid_grant\"}")]
    [InlineData("{\"error\":{}}")]
    [InlineData("{\"error\":{\"errors\":[null],\"code\":403}}")]
    [InlineData("[1,2")]
    public async Task Answer_ErrorInAnyForm_IsTranslatedByItsStatus(string body)
    {
        Fault = _ => new CloudStorageFault { Status = 403, RawBody = body };

        var failure = await FailsAsync(() => Store.GetAsync("file", default, Token), ObjectStoreError.PermissionDenied);

        failure.Message.Should().NotContain("\u001b");
        failure.Message.Length.Should().BeLessThan(1000);
    }

    [Fact]
    public async Task Answer_HugeError_IsBounded()
    {
        Fault = _ => new CloudStorageFault { Status = 403, RawBody = new string('x', 3_000_000) };

        var failure = await FailsAsync(() => Store.GetAsync("file", default, Token), ObjectStoreError.PermissionDenied);

        failure.Message.Length.Should().BeLessThan(1000);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"name\":\"file\",\"generation\":\"x\"}")]
    [InlineData("{\"name\":\"other/file\",\"generation\":\"1\",\"metageneration\":\"0\"}")]
    [InlineData("{\"name\":\"file\",\"generation\":\"1\",\"metageneration\":\"1\",\"size\":\"0\"}")]
    public async Task Answer_SuccessThatIsNone_IsUnavailable(string body)
    {
        Fault = _ => new CloudStorageFault { Status = 200, RawBody = body };

        await FailsAsync(() => Store.GetAsync("file", default, Token), ObjectStoreError.Unavailable);
        await FailsAsync(() => PutAsync("file"), ObjectStoreError.Unavailable, outcomeUnknown: true);
    }

    [Fact]
    public async Task Answer_LongerThanAPage_IsRefused()
    {
        Fault = _ => new CloudStorageFault { Status = 200, RawBody = new string(' ', 9 * 1024 * 1024) };
        var store = Connect(options => options with { Retries = false });

        (await FailsAsync(() => store.GetAsync("file", default, Token), ObjectStoreError.Unavailable)).Message.Should().Contain("8388608");
    }

    [Fact]
    public async Task AnyRequest_BucketMissing_IsToldFromAMissingObject()
    {
        var store = Connect(options => options with { Bucket = "nowhere" });
        Func<Task>[] requests =
        [
            () => store.GetAsync("file", default, Token),
            () => store.OpenReadAsync("file", null, Token),
            () => store.ListAsync("", Token).GetAsyncEnumerator(Token).MoveNextAsync().AsTask(),
            () => store.WriteAsync("file", new MemoryStream([1]), null, Token),
            () => store.WriteAsync("file", new OneWayStream(new byte[17 * 1024 * 1024]), null, Token),
            () => store.PatchMetadataAsync("file", new Dictionary<string, string?>(), default, Token),
            () => store.MoveAsync("file", "other", null, Token),
            () => store.CopyAsync("file", "other", null, Token),
            () => store.DeleteAsync("file", null, Token),
            () => store.GetBucketAsync(Token),
            () => store.TestPermissionsAsync(["storage.objects.get"], Token),
        ];

        foreach (var request in requests)
        {
            var failure = await FailsAsync(request, ObjectStoreError.StoreNotFound);
            failure.Message.Should().Contain("gs://nowhere").And.Contain("gcloud storage buckets create").And.Contain("ModelCache:Bucket");
        }
    }

    [Fact]
    public async Task Get_MissingObjectWithoutAnExplanation_IsSettledByAListing()
    {
        Fault = request => request.Operation == "storage.objects.get" ? new CloudStorageFault { Status = 404, RawBody = "" } : null;

        (await Store.GetAsync("file", default, Token)).Should().BeNull();

        Operations().Should().Equal("storage.objects.get", "storage.objects.list");
    }

    [Fact]
    public async Task AnyRequest_UserProject_IsSentAndBlamed()
    {
        var store = Connect(options => options with { UserProject = "payer" });
        Fault = _ => CloudStorageFault.Error(403, "userProjectAccessDenied", "Caller does not have serviceusage.services.use access.");

        var failure = await FailsAsync(() => store.GetAsync("file", default, Token), ObjectStoreError.PermissionDenied);

        failure.Message.Should().ContainAll("'payer'", "ModelCache:UserProject", "roles/serviceusage.serviceUsageConsumer");
    }

    [Fact]
    public async Task AnyRequest_TokenRefused_IsRefreshedOnce()
    {
        await PutAsync("file");
        var credential = new CountingCredential();
        var store = Connect(options => options with
        {
            Endpoint = new StorageEndpoint(Server.Endpoint, IsEmulator: false),
            Credential = credential,
        });
        Script("storage.objects.get", CloudStorageFault.Error(401, "authError"), null, CloudStorageFault.Error(401), CloudStorageFault.Error(401));

        (await store.GetAsync("file", default, Token)).Should().NotBeNull();
        credential.Refreshes.Should().Be(1);

        await FailsAsync(() => store.GetAsync("file", default, Token), ObjectStoreError.Unauthenticated);
        Count("storage.objects.get").Should().Be(4);
    }

    [Theory]
    [InlineData(typeof(InvalidOperationException), ObjectStoreError.Unauthenticated)]
    [InlineData(typeof(FileNotFoundException), ObjectStoreError.Unauthenticated)]
    [InlineData(typeof(HttpRequestException), ObjectStoreError.Unavailable)]
    public async Task Write_NoToken_LeavesNoDoubt(Type exception, ObjectStoreError error)
    {
        var store = Connect(options => options with
        {
            Endpoint = new StorageEndpoint(Server.Endpoint, IsEmulator: false),
            Credential = new CountingCredential { Failure = (Exception)Activator.CreateInstance(exception, "Your default credentials were not found.")! },
        });

        var failure = await FailsAsync(() => store.WriteAsync("file", new MemoryStream([1]), null, Token), error);

        failure.Message.Should().Contain("gs://bucket").And.Contain("Your default credentials were not found.");
        Server.GetRequests().Should().BeEmpty();
    }

    private sealed class CountingCredential : IConfigurableHttpClientInitializer, IHttpExecuteInterceptor, IHttpUnsuccessfulResponseHandler
    {
        public int Refreshes { get; private set; }

        public Exception? Failure { get; init; }

        public void Initialize(ConfigurableHttpClient httpClient) => httpClient.MessageHandler.Credential = this;

        public Task InterceptAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = new("Bearer", "token");
            return Failure is null ? Task.CompletedTask : Task.FromException(Failure);
        }

        public Task<bool> HandleResponseAsync(HandleUnsuccessfulResponseArgs args)
        {
            var refused = args.Response.StatusCode == System.Net.HttpStatusCode.Unauthorized;
            Refreshes += refused ? 1 : 0;
            return Task.FromResult(refused);
        }
    }
}
