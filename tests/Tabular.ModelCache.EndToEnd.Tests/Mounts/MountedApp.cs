using System.Text.RegularExpressions;
using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>
/// A mount of a bucket and the instances on it. It owns both, because an instance with a request in a stopped mount cannot end before
/// the mount does.
/// </summary>
internal sealed class MountedApp : IAsyncDisposable
{
    public const int ExitCodeOfAFailure = 70;

    private const string FailurePrefix = "The model cache failed and this instance will not serve: ";

    // A start may take this much longer than its deadline, and no more.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private readonly List<TabularProcess> _apps = [];
    private readonly PublishedBucket _published;

    private MountedApp(PublishedBucket published, MountServer server, RcloneMount mount, Deployment deployment)
    {
        _published = published;
        Server = server;
        Mount = mount;
        Deployment = deployment;
    }

    /// <summary>The mount's own way to the bucket.</summary>
    public MountServer Server { get; }

    public RcloneMount Mount { get; }

    /// <summary>The settings of the instances. Deadlines are short, but those only that something slow must not meet.</summary>
    public Deployment Deployment { get; }

    public TimeSpan StartupDeadline { get; private set; }

    /// <summary>Mounts the bucket.</summary>
    /// <param name="published">The bucket that instances use.</param>
    /// <param name="options">How it is mounted.</param>
    /// <param name="root">Another folder of buckets to mount from.</param>
    /// <param name="bucket">The bucket that is mounted.</param>
    public static async Task<MountedApp> MountAsync(
        PublishedBucket published, RcloneOptions? options = null, string? root = null, string bucket = CloudBucket.Name)
    {
        var server = await MountServer.StartAsync(root ?? published.Bucket.Root);
        try
        {
            var mount = await RcloneMount.StartAsync(server.Endpoint, bucket, options);
            return new MountedApp(published, server, mount, published.Bucket.Connect(published.Deployment.Copy(), mount.Path))
                .With("Mount:AcceptedTypes:0", RcloneMount.Type)
                .With("Mount:ProbeTimeout", TimeSpan.FromSeconds(20))
                .With("Mount:ProbeInterval", TimeSpan.FromSeconds(1))
                .With("Mount:LagTimeout", TimeSpan.FromSeconds(20))
                .WithStartupDeadline(TimeSpan.FromSeconds(60));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public MountedApp With(string key, TimeSpan value) => With(key, $"{value}");

    public MountedApp With(string key, string? value)
    {
        Deployment.WithSetting(key, value);
        return this;
    }

    public MountedApp WithStartupDeadline(TimeSpan value)
    {
        StartupDeadline = value;
        return With("StartupDeadline", value);
    }

    public TabularProcess Start()
    {
        var app = Deployment.Start();
        _apps.Add(app);
        return app;
    }

    /// <summary>Starts an instance that reads the largest file slowly, and waits until it is in the midst of it.</summary>
    public async Task<TabularProcess> StartVerifyingAsync()
    {
        // Sixteen requests of a second. The reader waits for the second one when this returns.
        Server.SlowDown(_published.LargestFile.Name, TimeSpan.FromSeconds(1));
        var app = With("Verification", "Content").Start();
        await app.WaitForHealthAsync(h => h.State == "verifying" && Server.SlowReads > 1, "a file that is being read");
        return app;
    }

    /// <summary>Waits for the failure of a start and for the end of the process.</summary>
    public async Task ShouldFailAsync(TabularProcess app, string reason)
    {
        (await app.WaitForExitAsync()).Should().Be(ExitCodeOfAFailure, app.Transcript);
        ShouldHaveFailed(app, reason);
    }

    /// <summary>
    /// Waits for the failure while the mount is stopped, by when the port is closed; the process itself may have to wait for the mount.
    /// </summary>
    public async Task ShouldFailWhileStoppedAsync(TabularProcess app, string reason)
    {
        await app.WaitForOutputAsync(FailurePrefix);
        await Poll.ForAsync(async () => await app.IsListeningAsync() ? null : app, () => $"a closed port{app.Transcript}");
        ShouldHaveFailed(app, reason);
        await Mount.KillAsync();
        (await app.WaitForExitAsync()).Should().Be(ExitCodeOfAFailure, app.Transcript);
    }

    public async ValueTask DisposeAsync()
    {
        await Mount.DisposeAsync();
        foreach (var app in _apps)
        {
            await app.DisposeAsync();
        }

        await Server.DisposeAsync();
    }

    private void ShouldHaveFailed(TabularProcess app, string reason)
    {
        var failure = app.Log.Should().ContainSingle(e => e.IsNoise, app.Transcript).Which;
        failure.Level.Should().Be("crit");
        Regex.Replace(failure.Message, "waited [0-9.]+ s ", "waited N s ").Should().Be(FailurePrefix + reason);
        app.Error.Should().BeEmpty();
        if (!app.Output.Any(l => l.Contains("The gate is open", StringComparison.Ordinal)))
        {
            (app.TimeOf(FailurePrefix) - app.TimeOf("Model cache: Starting -> ")).Should().BeLessThan(StartupDeadline + Margin, app.Transcript);
        }
    }
}
