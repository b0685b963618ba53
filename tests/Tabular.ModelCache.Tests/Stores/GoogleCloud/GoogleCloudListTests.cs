using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Stores.GoogleCloud;

public sealed class GoogleCloudListTests : CloudFixture
{
    [Fact]
    public async Task List_ManyObjects_TakesOneRequestAThousand()
    {
        var behind = Server.GetStore("bucket");
        for (var i = 0; i < 2100; i++)
        {
            await behind.WriteAsync($"many/{i:0000}", new MemoryStream([1]), null, Token);
        }

        (await ListAsync(Store, "many/")).Should().Equal(Enumerable.Range(0, 2100).Select(i => $"many/{i:0000}"));
        Operations().Should().Equal("storage.objects.list", "storage.objects.list", "storage.objects.list");
    }

    [Fact]
    public async Task List_EmptyPageWithASuccessor_GoesOn()
    {
        await PutAsync("b");
        var first = true;
        Fault = request =>
        {
            if (request.Operation != "storage.objects.list" || !first)
            {
                return null;
            }

            first = false;
            return new CloudStorageFault { Status = 200, RawBody = """{"nextPageToken":"YQ=="}""" };
        };

        (await ListAsync(Store, "")).Should().Equal("b");
    }

    [Fact]
    public async Task List_SamePageForEver_EndsWithAnError()
    {
        Fault = _ => new CloudStorageFault { Status = 200, RawBody = """{"nextPageToken":"YQ=="}""" };

        await FailsAsync(() => ListAsync(Store, ""), ObjectStoreError.Unavailable);
    }

    [Fact]
    public async Task List_NamesThatNoMountCanShow_AreLeftOut()
    {
        const string Item = """{"name":"NAME","generation":"1","metageneration":"1","size":"0","crc32c":"AAAAAA=="}""";
        string[] names = ["models/", "a//b", "../x", "good"];
        Fault = _ => new CloudStorageFault
        {
            Status = 200,
            RawBody = $$"""{"items":[{{string.Join(',', names.Select(name => Item.Replace("NAME", name, StringComparison.Ordinal)))}}]}""",
        };

        (await ListAsync(Store, "")).Should().Equal("models/", "good");
    }

    [Fact]
    public async Task AnyRequest_Prefix_StaysBelowIt()
    {
        var store = Connect(options => options with { Prefix = "/team/models" });
        var other = await PutAsync("team/other");

        var written = await store.WriteAsync("a/file", new MemoryStream([1, 2]), null, Token);
        await store.MoveAsync("a/file", "b/file", null, Token);
        await store.CopyAsync("b/file", "c", null, Token);

        store.DisplayName.Should().Be("gs://bucket/team/models");
        written.Name.Should().Be("a/file");
        (await ListAsync(store, "")).Should().Equal("b/file", "c");
        (await ListAsync(Store, "")).Should().Equal("team/models/b/file", "team/models/c", "team/other");
        (await ReadAllAsync(store, "b/file")).Should().Equal(1, 2);
        await store.DeleteAsync("c", null, Token);
        (await ListAsync(Store, "")).Should().Equal("team/models/b/file", "team/other");
        (await store.GetAsync("other", default, Token)).Should().BeNull();
        (await FailsAsync(() => store.DeleteAsync("c", null, Token), ObjectStoreError.NotFound)).ObjectName.Should().Be("c");
        other.Name.Should().Be("team/other");
    }

    [Fact]
    public async Task Requests_OnRequest_SeesEachThatGoesOut()
    {
        var seen = new List<string>();
        var store = Connect(options => options with { OnRequest = request => seen.Add($"{request}") });
        await PutAsync("file");
        Script("storage.objects.get", CloudStorageFault.Error(503));

        await ReadAllAsync(store, "file");

        seen.Should().Equal("storage.objects.get file", "storage.objects.get file", "storage.objects.get.media file");
    }

    [Fact]
    public async Task Bucket_Settings_AreRead()
    {
        var bucket = await Store.GetBucketAsync(Token);
        var granted = await Store.TestPermissionsAsync(["storage.objects.get", "storage.objects.update"], Token);

        bucket.Name.Should().Be("bucket");
        bucket.StorageClass.Should().Be("STANDARD");
        bucket.IamConfiguration!.UniformBucketLevelAccess!.Enabled.Should().BeTrue();
        granted.Granted.Should().BeEquivalentTo("storage.objects.get", "storage.objects.update");
    }

    [Theory]
    [InlineData(null, "https://storage.googleapis.com/", false)]
    [InlineData(" ", "https://storage.googleapis.com/", false)]
    [InlineData("localhost:9000", "http://localhost:9000/", true)]
    [InlineData("http://127.0.0.1:9000/", "http://127.0.0.1:9000/", true)]
    [InlineData("https://storage.example/storage/v1/", "https://storage.example/", true)]
    public void Parse_EmulatorHost_IsHostAndPortOrAddress(string? value, string expected, bool isEmulator)
    {
        var endpoint = StorageEndpoint.Parse(value);

        endpoint.BaseUri.AbsoluteUri.Should().Be(expected);
        endpoint.IsEmulator.Should().Be(isEmulator);
    }

    [Theory]
    [InlineData("ftp://host")]
    [InlineData("http://")]
    [InlineData("::")]
    public void Parse_NoAddress_NamesTheVariable(string value) =>
        ((Action)(() => StorageEndpoint.Parse(value))).Should().Throw<FormatException>().WithMessage($"*STORAGE_EMULATOR_HOST*'{value}'*");

    [Fact]
    public void Backoff_Failures_DoublesUpToItsBoundAndEnds()
    {
        var options = new GoogleCloudStoreOptions { Bucket = "bucket", Random = new LargestRandom(), MaximumAttempts = 9, TotalDeadline = TimeSpan.MaxValue };
        var backoff = new StorageBackoff(options);

        var delays = Enumerable.Range(0, 10).Select(_ => backoff.Next()?.TotalSeconds);

        delays.Should().Equal(1, 2, 4, 8, 16, 32, 32, 32, null, null);
        new StorageBackoff(options).Next(TimeSpan.FromSeconds(7)).Should().Be(TimeSpan.FromSeconds(7), "a server may ask for more");
        new StorageBackoff(options with { Retries = false }).Next().Should().BeNull();
        new StorageBackoff(options with { TotalDeadline = TimeSpan.FromSeconds(1) }).Next().Should().BeNull("the delay would pass the deadline");
    }

    private static async Task<List<string>> ListAsync(GoogleCloudObjectStore store, string prefix)
    {
        var names = new List<string>();
        await foreach (var item in store.ListAsync(prefix, Token))
        {
            names.Add(item.Name);
        }

        return names;
    }

    private sealed class LargestRandom : Random
    {
        public override double NextDouble() => 1;
    }
}
