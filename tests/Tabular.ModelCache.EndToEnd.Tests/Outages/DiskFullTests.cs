using System.Net;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Outages;

/// <summary>The embedded default, a directory that is store and mount at once, on a disk that gets full.</summary>
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class DiskFullTests : IDisposable
{
    private const int Failed = 70;
    private const int Mebibyte = 1 << 20;

    private readonly Deployment _deployment = new Deployment()
        .WithSetting("Lease:Ttl", "00:00:04").WithSetting("Mount:ProbeInterval", "00:00:01").WithModel(OutageRun.Model, "ollama");

    [Theory]
    [InlineData(new[] { 9 * Mebibyte, 5000 }, "a large file does not fit")]
    [InlineData(new[] { 2 * Mebibyte, 2 * Mebibyte, 2 * Mebibyte, 2 * Mebibyte, 5000 }, "some of the files fit")]
    public async Task Sync_DiskIsFull_FailsInOneLineAndTheNextOneConverges(int[] sizes, string why)
    {
        var source = _deployment.Source(OutageRun.Model);
        ModelFiles.WriteOllama(source, seed: 1, 5 * Mebibyte, 300);
        await using var disk = await SmallDisk.MountAsync(_deployment.Mount, megabytes: 12);
        var deployment = _deployment.Copy();
        deployment.Launcher = disk.Entry;
        (await deployment.RunCommandAsync("sync")).ExitCode.Should().Be(0);
        await using var reader = deployment.Start();
        await reader.WaitUntilReadyAsync();
        var served = (await reader.GetModelsAsync()).Single();
        var view = Path.Join(disk.View, Path.GetRelativePath(_deployment.Mount, served.Path));
        ModelFiles.ShouldBeEqual(view, source);
        var older = _deployment.Source("older");
        Directory.Move(source, older);
        ModelFiles.WriteOllama(source, seed: 2, sizes);

        var failed = await deployment.RunCommandAsync("sync");

        failed.ExitCode.Should().Be(Failed, why + failed.Output + failed.Error);
        var line = OutageRun.ShouldBeOneLine(failed);
        line.Should().ContainAll($"'{_deployment.Mount}'", "Free some space");
        TestContext.Current.TestOutputHelper!.WriteLine($"{why}: {line}");
        (await reader.GetHealthAsync()).Code.Should().Be(HttpStatusCode.OK);
        (await reader.GetModelsAsync()).Single().Version.Should().Be(served.Version);
        ModelFiles.ShouldBeEqual(view, older);

        await disk.ResizeAsync(megabytes: 64);
        var next = await deployment.RunCommandAsync("sync", "--json");
        next.ExitCode.Should().Be(0, next.Output + next.Error);
        var version = next.Json.GetProperty("models")[0].GetProperty("version").GetString()!;
        ModelFiles.ShouldBeEqual(Path.Join(disk.View, "ollama", version), source);
        Directory.Exists(Path.Join(disk.View, ".tmp")).Should().BeFalse("what the failed run left is cleared");
        ModelFiles.ShouldBeEqual(view, older);
        (await reader.GetHealthAsync()).Code.Should().Be(HttpStatusCode.OK);
        reader.Log.Should().NotContain(e => e.IsNoise, reader.Transcript);
    }

    public void Dispose() => _deployment.Dispose();
}
