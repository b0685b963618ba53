using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.RealParts.Tests;

/// <summary>rclone, which is built on Google's Go client for the JSON API.</summary>
public sealed class RcloneTests : BucketFixture
{
    [Fact]
    public async Task Rclone_WholeRound_KeepsEveryByte()
    {
        var rclone = await StartAsync();

        await rclone.RunAsync("copy", Source, "local:bucket");
        ShouldBeEqual(Source, Path.Join(Folder("buckets"), "bucket"));
        (await rclone.RunAsync("check", Source, "local:bucket")).Should().BeEmpty();
        (await rclone.RunAsync("lsl", "local:bucket")).Should().Contain(" 0 ").And.Contain("60000001").And.Contain(OddName);
        await rclone.RunAsync("copy", "local:bucket", Folder("down"));
        ShouldBeEqual(Source, Folder("down"));

        File.Delete(Path.Join(Source, "empty"));
        await File.WriteAllTextAsync(Path.Join(Source, OddName), "changed", Token);
        await rclone.RunAsync("sync", Source, "local:bucket");
        await rclone.RunAsync("check", "--download", Source, "local:bucket");
        ShouldBeEqual(Source, Path.Join(Folder("buckets"), "bucket"));

        await rclone.RunAsync("moveto", "local:bucket/large.bin", "local:bucket/moved/large.bin");
        (await rclone.RunAsync("lsf", "-R", "local:bucket")).Split('\n').Should().BeEquivalentTo("moved/", "moved/large.bin", "sub/", OddName, "");
        (await rclone.RunAsync("cat", "local:bucket/" + OddName)).Should().Be("changed");
        await rclone.RunAsync("delete", "local:bucket");
        (await Server.GetStore("bucket").ListAsync("", Token).GetAsyncEnumerator(Token).MoveNextAsync()).Should().BeFalse();
    }

    [Fact]
    public async Task Rclone_ManyObjects_ReadsEveryPage()
    {
        var rclone = await StartAsync();
        for (var i = 0; i < 1100; i++)
        {
            await Server.GetStore("bucket").WriteAsync($"many/{i:0000}", Stream.Null, new ObjectWriteOptions { Length = 0 }, Token);
        }

        (await rclone.RunAsync("lsf", "local:bucket/many")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(1100);
    }

    private async Task<Tool> StartAsync()
    {
        var configuration = Folder("rclone.conf");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            [local]
            type = google cloud storage
            anonymous = true
            endpoint = {Server.Endpoint}storage/v1/
            project_number = 123
            no_check_bucket = true
            """,
            Token);
        return Tool.Require("rclone", new Dictionary<string, string>
        {
            ["RCLONE_CONFIG"] = configuration,
            ["RCLONE_RETRIES"] = "1",
            ["RCLONE_LOW_LEVEL_RETRIES"] = "1",
        });
    }
}
