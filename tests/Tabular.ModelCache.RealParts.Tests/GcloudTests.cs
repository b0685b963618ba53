using Tabular.ModelCache.Stores.GoogleCloud;

namespace Tabular.ModelCache.RealParts.Tests;

/// <summary><c>gcloud storage</c>, Google's own client.</summary>
public sealed class GcloudTests : BucketFixture
{
    [Fact]
    public async Task Gcloud_WholeRound_KeepsEveryByte()
    {
        var gcloud = Start();

        await gcloud.RunAsync("storage", "cp", "-r", Source, "gs://bucket/");
        ShouldBeEqual(Source, Path.Join(Folder("buckets"), "bucket", "source"));
        (await gcloud.RunAsync("storage", "ls", "-r", "gs://bucket/")).Should()
            .Contain("gs://bucket/source/large.bin").And.Contain("gs://bucket/source/empty").And.Contain("gs://bucket/source/" + OddName);
        (await gcloud.RunAsync("storage", "cat", "gs://bucket/source/" + OddName)).Should().Be("hello");
        Directory.CreateDirectory(Folder("down"));
        await gcloud.RunAsync("storage", "cp", "-r", "gs://bucket/source", Folder("down"));
        ShouldBeEqual(Source, Path.Join(Folder("down"), "source"));

        await gcloud.RunAsync("storage", "mv", "gs://bucket/source/large.bin", "gs://bucket/moved/large.bin");
        File.Delete(Path.Join(Source, "empty"));
        await gcloud.RunAsync("storage", "rsync", "-r", "--delete-unmatched-destination-objects", Source, "gs://bucket/source");
        ShouldBeEqual(Source, Path.Join(Folder("buckets"), "bucket", "source"));
        await gcloud.RunAsync("storage", "rm", "-r", "gs://bucket/source");
        (await gcloud.RunAsync("storage", "ls", "gs://bucket/**")).Trim().Should().Be("gs://bucket/moved/large.bin");
        (await gcloud.RunAsync("storage", "ls")).Trim().Should().Be("gs://bucket/");
    }

    [Fact]
    public async Task Gcloud_ObjectOfOurClient_IsReadAndPatched()
    {
        var gcloud = Start();
        using var store = new GoogleCloudObjectStore(new() { Bucket = "bucket", Endpoint = StorageEndpoint.Parse($"{Server.Endpoint}") });
        await using (var large = File.OpenRead(Path.Join(Source, "large.bin")))
        {
            await store.WriteAsync("large.bin", large, new() { CacheControl = "no-store" }, Token);
        }

        await gcloud.RunAsync("storage", "cp", "gs://bucket/large.bin", Folder("large.bin"));
        await gcloud.RunAsync("storage", "objects", "update", "gs://bucket/large.bin", "--custom-metadata=key=value");
        await gcloud.RunAsync("storage", "objects", "compose", "gs://bucket/large.bin", "gs://bucket/large.bin", "gs://bucket/twice.bin");

        (await File.ReadAllBytesAsync(Folder("large.bin"), Token)).Should().Equal(await File.ReadAllBytesAsync(Path.Join(Source, "large.bin"), Token));
        var patched = (await store.GetAsync("large.bin", default, Token))!;
        patched.Metadata["key"].Should().Be("value");
        patched.Metageneration.Should().Be(2);
        (await store.GetAsync("twice.bin", default, Token))!.Size.Should().Be(120_000_002);
    }

    private Tool Start() => Tool.Require("gcloud", new Dictionary<string, string>
    {
        ["CLOUDSDK_CONFIG"] = Folder("gcloud"),
        ["CLOUDSDK_CORE_PROJECT"] = "p",
        ["CLOUDSDK_AUTH_DISABLE_CREDENTIALS"] = "true",
        ["CLOUDSDK_CORE_CHECK_GCE_METADATA"] = "false",
        ["CLOUDSDK_CORE_DISABLE_PROMPTS"] = "1",
        ["CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE"] = $"{Server.Endpoint}storage/v1/",
    });
}
