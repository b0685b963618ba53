using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Tabular.Children;
using Tabular.ModelCache.Tests.Support;
using Tabular.Sample.Tests.Support;

namespace Tabular.Sample.Tests.Children;

/// <summary>The gate and the end of the app.</summary>
public sealed class ChildrenServiceTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLauncher _launcher = new();
    private readonly FakeCache _cache = new();
    private readonly ChildTimings _timings = new();
    private readonly StubLifetime _lifetime = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ChildRegistry _children;
    private readonly ChildrenService _service;

    public ChildrenServiceTests()
    {
        var options = new ChildrenOptions { Children = { new ChildOptions { Name = "ollama", Model = "LLM", Command = "ollama" } } };
        _children = new(Options.Create(options), _launcher, new FakeProbe(), _timings, _time, NullLoggerFactory.Instance);
        _service = new(_cache, _children, _lifetime, _timings, _time);
    }

    [Fact]
    public async Task Run_GateIsClosed_StartsNothingUntilItOpens()
    {
        var run = Run();
        _time.Run(TimeSpan.FromMinutes(1));
        _launcher.Started.Should().BeEmpty();
        _children.Get("ollama").Status.State.Should().Be(ChildState.WaitingForGate);

        _cache.Open(FakeCache.Model(1));

        await Eventually.IsAsync(() => _children.Get("ollama").Status.State == ChildState.Running, "a start");
        _cache.Update(FakeCache.Model(2));
        await Eventually.IsAsync(() => _launcher.Started.Count == 2, "a start with the other version");
        _launcher.Last.Environment["OLLAMA_MODELS"].Should().Be("/models/ollama/llm-2");
        _stop.Cancel();
        await run.EndsAsync();
    }

    [Fact]
    public async Task Run_StartFails_StartsNothingAndEnds()
    {
        var run = Run();

        _cache.Fail();

        await run.EndsAsync();
        _launcher.Started.Should().BeEmpty();
    }

    [Fact]
    public async Task Stopping_RequestsTakeAllTheTime_ChildIsGoneWithinEightSecondsAllTheSame()
    {
        _launcher.IsStubborn = true;
        _cache.Open(FakeCache.Model(1));
        var run = Run();

        // Nobody asks the service to stop: the server, which stops before it, still waits for its requests.
        _lifetime.Stop();

        _launcher.Last.IsTerminated.Should().BeFalse("requests may use it");
        _time.Run(_timings.DrainTime);
        await Eventually.IsAsync(() => _launcher.Last.IsTerminated, "SIGTERM");
        _time.Run(_timings.TerminateGrace);
        await run.EndsAsync();
        _launcher.Last.IsKilled.Should().BeTrue();
        (_timings.DrainTime + _timings.TerminateGrace + _timings.KillGrace).Should().BeLessThan(TimeSpan.FromSeconds(7), "the host waits for no longer");
    }

    private Task Run()
    {
        // Continuations run inside of the call that completes them only where no synchronization context is set.
        SynchronizationContext.SetSynchronizationContext(null);
        return _service.RunAsync(_stop.Token);
    }

    public void Dispose()
    {
        _service.Dispose();
        _lifetime.Dispose();
        _stop.Dispose();
    }

    private sealed class StubLifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void Stop() => _stopping.Cancel();

        public void StopApplication() => Stop();

        public void Dispose() => _stopping.Dispose();
    }
}
