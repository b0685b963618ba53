using System.Diagnostics;
using System.Text.RegularExpressions;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>What a person reads when the bucket cannot be used: one line that names it and says what to do, and the exit code 70.</summary>
public sealed class RefusalTests : IDisposable
{
    private const int FailedStart = 70;
    private const string Account = "tabular@acme-prod.iam.gserviceaccount.com";

    // Nothing is repeated that cannot change by itself.
    private static readonly TimeSpan StartupDeadline = TimeSpan.FromSeconds(60);

    private readonly Deployment _deployment = new Deployment().WithModel("llm", "ollama").WithSetting("StartupDeadline", $"{StartupDeadline}");

    public RefusalTests() => ModelFiles.WriteOllama(_deployment.Source("llm"), seed: 1, 1000);

    public static TheoryData<string, CloudStorageFault, string[]> Refusals => new()
    {
        {
            "expired token",
            CloudStorageFault.Error(401, "authError", "Invalid Credentials"),
            ["401", "credentials are not accepted", "`gcloud auth application-default login`"]
        },
        {
            "no permission, account told",
            CloudStorageFault.Error(
                403, "forbidden",
                $"{Account} does not have storage.objects.get access to the Google Cloud Storage object. "
                + "Permission 'storage.objects.get' denied on resource (or it may not exist)."),
            [Account, "lacks storage.objects.get", $"add-iam-policy-binding gs://{CloudBucket.Name} --member=serviceAccount:{Account} --role=roles/storage.object"]
        },
        {
            "no permission, account unknown",
            CloudStorageFault.Error(403, "forbidden", "Access denied."),
            ["lacks storage.objects.get", $"`gcloud storage buckets add-iam-policy-binding gs://{CloudBucket.Name}", "--role=roles/storage.object"]
        },
        {
            "requester pays",
            CloudStorageFault.Error(400, "required", "Bucket is a requester pays bucket but no user project provided."),
            ["requester pays", "ModelCache:UserProject"]
        },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Start_BucketRefuses_ExitsWithOneLineThatSaysWhatToDo(string what, CloudStorageFault refusal, string[] expected)
    {
        await using var bucket = await CloudBucket.StartAsync();
        bucket.Fault = _ => refusal;

        await ShouldFailAsync(bucket.Connect(_deployment), what, [$"gs://{CloudBucket.Name}", .. expected]);
    }

    [Fact]
    public async Task Start_MayReadButNotWrite_ExitsWithOneLineThatNamesTheRole()
    {
        await using var bucket = await CloudBucket.StartAsync();
        bucket.Fault = request => request.Method == "GET"
            ? null
            : CloudStorageFault.Error(403, "forbidden", $"{Account} does not have storage.objects.create access to the Google Cloud Storage object.");

        await ShouldFailAsync(
            bucket.Connect(_deployment),
            "no permission to write",
            [$"gs://{CloudBucket.Name}", Account, "lacks storage.objects.create", $"--member=serviceAccount:{Account} --role=roles/storage.objectUser"]);
    }

    [Fact]
    public async Task Start_ProjectThatMayNotPay_ExitsWithOneLineThatNamesIt()
    {
        await using var bucket = await CloudBucket.StartAsync();
        bucket.Fault = _ => CloudStorageFault.Error(403, "userProjectAccessDenied", "Caller does not have serviceusage.services.use access.");

        await ShouldFailAsync(
            bucket.Connect(_deployment).WithSetting("UserProject", "acme-test"),
            "wrong project",
            [$"gs://{CloudBucket.Name}", "'acme-test'", "ModelCache:UserProject", "gcloud projects add-iam-policy-binding acme-test", "serviceUsageConsumer"]);
    }

    [Fact]
    public async Task Start_NoSuchBucket_ExitsWithOneLineThatSaysHowToMakeIt()
    {
        await using var bucket = await CloudBucket.StartAsync();

        await ShouldFailAsync(
            bucket.Connect(_deployment).WithSetting("Bucket", "no-such-bucket"),
            "no bucket",
            ["gs://no-such-bucket", "does not exist", "ModelCache:Bucket", "`gcloud storage buckets create gs://no-such-bucket"]);
    }

    [Fact]
    public async Task Start_NoCredentials_ExitsWithOneLineThatSaysHowToGetThem()
    {
        await using var bucket = await CloudBucket.StartAsync();
        var home = bucket.NewFolder("home");

        // The metadata server of Google's machines would be asked; this address refuses at once. Were there credentials, nothing would be reached either.
        var deployment = bucket.Connect(_deployment).With("STORAGE_EMULATOR_HOST", null).With("HOME", home).With("CLOUDSDK_CONFIG", home)
            .With("GCE_METADATA_HOST", "127.0.0.1:9").With("HTTPS_PROXY", "http://127.0.0.1:9").With("HTTP_PROXY", "http://127.0.0.1:9");

        await ShouldFailAsync(
            deployment, "no credentials", [$"gs://{CloudBucket.Name}", "no usable Google credentials", "`gcloud auth application-default login`", "service account"]);

        bucket.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Start_BucketThatNeverAnswers_ExitsWithinTheDeadline()
    {
        await using var bucket = await CloudBucket.StartAsync();
        bucket.Fault = _ => new CloudStorageFault { Stall = true };

        await ShouldFailAsync(
            bucket.Connect(_deployment).WithSetting("StartupDeadline", "00:00:05"),
            "silence",
            ["00:00:05", "ModelCache:StartupDeadline", $"gs://{CloudBucket.Name}/manifest.json"]);
    }

    public void Dispose() => _deployment.Dispose();

    private static async Task ShouldFailAsync(Deployment deployment, string what, string[] expected)
    {
        var watch = Stopwatch.StartNew();
        await using var app = deployment.Start();

        (await app.WaitForExitAsync()).Should().Be(FailedStart, what + app.Transcript);

        watch.Elapsed.Should().BeLessThan(StartupDeadline);
        var failure = app.Log.Should().ContainSingle(e => e.Level == "crit").Which;
        failure.Message.Should().NotContain("\n", "it is one line").And.ContainAll(expected);
        failure.Message.Should().NotMatchRegex("Exception|   at ");
        app.Log.Should().NotContain(e => e.Level == "fail", app.Transcript);
        Regex.Matches(app.Transcript, Regex.Escape(failure.Message)).Should().ContainSingle("it is told once" + app.Transcript);
        TestContext.Current.TestOutputHelper!.WriteLine($"{what}: {failure.Message}");
    }
}
