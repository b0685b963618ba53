using System.Net;
using System.Security.Cryptography;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>A published version that is not what was published.</summary>
public sealed class DamageTests : IDisposable
{
    private const int Mebibyte = 1 << 20;
    private const int Failed = 70;

    private readonly Deployment _deployment = new Deployment().WithModel("embedder", "sbert");

    public DamageTests() => ModelFiles.WriteSbert(_deployment.Source("embedder"), seed: 1, Mebibyte);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_FlippedByteAtLevelContent_ExitsAndNamesFileAndDigests(bool keepsTime)
    {
        var (folder, relative) = await PublishAsync();
        var file = Path.Join(folder, relative);
        var expected = Sha256(file);
        Flip(file, offset: 54321, keepsTime);

        await using var app = _deployment.WithSetting("Verification", "Content").Start();

        (await app.WaitForExitAsync()).Should().Be(Failed, app.Transcript);
        var message = SingleCritical(app);
        message.Should().Contain($"{Path.GetRelativePath(_deployment.Mount, folder)}/{relative}").And.Contain(expected).And.Contain(Sha256(file));
    }

    [Fact]
    public async Task Start_FlippedByteInALaterRegion_ExitsAndNamesFileAndDigests()
    {
        ModelFiles.WriteLargeSbert(_deployment.Source("embedder"), seed: 1, 150L * Mebibyte);
        var (folder, relative) = await PublishAsync();
        var file = Path.Join(folder, relative);
        var expected = Sha256(file);
        Flip(file, offset: 130L * Mebibyte, keepsTime: true);

        await using var app = _deployment.WithSetting("Verification", "Content").Start();

        (await app.WaitForExitAsync()).Should().Be(Failed, app.Transcript);
        SingleCritical(app).Should().Contain(relative).And.Contain(expected).And.Contain(Sha256(file));
    }

    [Theory]
    [InlineData("Marker")]
    [InlineData("Metadata")]
    [InlineData("Content")]
    public async Task Start_ByteCutOff_ExitsAtEveryLevelAndNamesTheFile(string level)
    {
        var (folder, relative) = await PublishAsync();
        using (var stream = new FileStream(Path.Join(folder, relative), FileMode.Open))
        {
            stream.SetLength(stream.Length - 1);
        }

        await using var app = _deployment.WithSetting("Verification", level).Start();

        (await app.WaitForExitAsync()).Should().Be(Failed, app.Transcript);
        SingleCritical(app).Should().Contain(relative).And.Contain($"{Mebibyte}").And.Contain($"{Mebibyte - 1}");
    }

    [Theory]
    [InlineData(".done", "Mount:LagTimeout", "00:00:03")]
    [InlineData("SHA256SUMS", "Mount:LagTimeout", "00:00:03")]
    [InlineData(".done", "StartupDeadline", "00:00:05")]
    [InlineData("SHA256SUMS", "StartupDeadline", "00:00:05")]
    public async Task Start_MarkerGone_WaitsUntilItsDeadlineAndTellsWhatWasAwaited(string marker, string limit, string value)
    {
        var (folder, _) = await PublishAsync();
        File.Delete(Path.Join(folder, marker));
        var awaited = $"{Path.GetRelativePath(_deployment.Mount, folder)}/{marker}";

        await using var app = _deployment.WithSetting(limit, value).Start();
        var waiting = await app.WaitForStateAsync("waiting_for_mount");

        waiting.Code.Should().Be(HttpStatusCode.ServiceUnavailable);
        waiting.Reason.Should().Contain(awaited);
        (await app.WaitForExitAsync()).Should().Be(Failed, app.Transcript);
        var message = SingleCritical(app);
        message.Should().Contain(awaited).And.NotContain("\n");
        if (limit == "StartupDeadline")
        {
            message.Should().Contain("ModelCache:StartupDeadline").And.Contain(value);
        }
    }

    [Fact]
    public async Task Start_MarkerComesLate_WaitsForIt()
    {
        var (folder, _) = await PublishAsync();
        var marker = Path.Join(folder, ".done");
        File.Move(marker, _deployment.Source("done"));

        await using var app = _deployment.Start();
        await app.WaitForStateAsync("waiting_for_mount");
        File.Move(_deployment.Source("done"), marker);

        (await app.WaitUntilReadyAsync()).CacheHit.Should().BeTrue();
    }

    [Theory]
    [InlineData("flip", "Content")]
    [InlineData("cut", "Marker")]
    [InlineData("marker", "Marker")]
    public async Task Start_DamagedWithAnOlderVersionAndFallback_ServesTheOlderAndIsDegraded(string damage, string level)
    {
        var (older, _) = await PublishAsync();
        ModelFiles.WriteSbert(_deployment.Source("older"), seed: 1, Mebibyte);
        ModelFiles.WriteSbert(_deployment.Source("embedder"), seed: 2, Mebibyte);
        (await _deployment.RunCommandAsync("sync")).ExitCode.Should().Be(0);
        var newer = Directory.GetDirectories(Path.Join(_deployment.Mount, "sbert")).Single(f => f != older);
        var file = Path.Join(newer, Weights(newer));
        if (damage == "flip")
        {
            Flip(file, offset: 7, keepsTime: true);
        }
        else if (damage == "cut")
        {
            using var stream = new FileStream(file, FileMode.Open);
            stream.SetLength(1);
        }
        else
        {
            File.Delete(Path.Join(newer, ".done"));
        }

        _deployment.WithSetting("Verification", level).WithSetting("FallbackToPreviousVersion", "true").WithSetting("Mount:LagTimeout", "00:00:02");
        await using var app = _deployment.Start();
        var health = await app.WaitForHealthAsync(h => h.Code == HttpStatusCode.OK, "200 from /healthz");

        health.Status.Should().Be("Degraded");
        health.State.Should().Be("degraded");
        health.Reason.Should().Contain(Path.GetFileName(newer));
        var served = (await app.GetModelsAsync()).Should().ContainSingle().Subject;
        served.Path.Should().Be(older);
        ModelFiles.ShouldBeEqual(served.Path, _deployment.Source("older"));
    }

    public void Dispose() => _deployment.Dispose();

    private static string SingleCritical(TabularProcess app)
    {
        app.Log.Where(e => e.IsNoise).Should().ContainSingle("one line tells it all").Which.Level.Should().Be("crit");
        app.Error.Should().BeEmpty();
        return app.Log.Single(e => e.Level == "crit").Message;
    }

    private static string Sha256(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static void Flip(string file, long offset, bool keepsTime)
    {
        var time = File.GetLastWriteTimeUtc(file);
        using (var stream = new FileStream(file, FileMode.Open))
        {
            stream.Position = offset;
            var value = stream.ReadByte();
            stream.Position = offset;
            stream.WriteByte((byte)(value ^ 1));
        }

        if (keepsTime)
        {
            File.SetLastWriteTimeUtc(file, time);
        }
    }

    private static string Weights(string folder) => ModelFiles.List(folder).Single(f => f.EndsWith(".safetensors", StringComparison.Ordinal));

    private async Task<(string Folder, string Weights)> PublishAsync()
    {
        await _deployment.PublishAsync();
        var folder = Directory.GetDirectories(Path.Join(_deployment.Mount, "sbert")).Should().ContainSingle().Subject;
        return (folder, Weights(folder));
    }
}
