using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tabular.Children;
using Tabular.ModelCache;
using Tabular.ModelCache.Tests.Support;
using Tabular.Sample.Tests.Support;

namespace Tabular.Sample.Tests.Children;

/// <summary>One child on a clock of its own: time passes only inside of the calls that move it.</summary>
public sealed class ChildSupervisorTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new();
    private readonly FakeLauncher _launcher = new();
    private readonly FakeProbe _probe = new();
    private readonly ChildTimings _timings = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ChildOptions _options = new() { Name = "ollama", Model = "llm", Command = "ollama", ProbeUrl = new("http://127.0.0.1:1/") };
    private readonly ChildSupervisor _child;
    private CachedModel _model = FakeCache.Model(1);

    public ChildSupervisorTests() =>
        _child = new(_options, _launcher, _probe, _timings, _time, new FixedRandom(1), NullLogger.Instance);

    [Fact]
    public async Task Run_ChildEnds_IsStartedAgainAfterTheDelayAndNotBefore()
    {
        var run = Run();
        _child.Status.State.Should().Be(ChildState.Running);

        _launcher.Last.End(7);

        await StateAsync(ChildState.BackingOff);
        _child.Status.Should().BeEquivalentTo(new { State = ChildState.BackingOff, LastExitCode = 7, Restarts = 0, ProcessId = (int?)null });
        _launcher.Last.IsDisposed.Should().BeTrue();
        _time.Run(_timings.FirstDelay - Tick);
        _launcher.Started.Should().ContainSingle();
        _time.Run(Tick);
        _launcher.Started.Should().HaveCount(2);
        _child.Status.Should().BeEquivalentTo(new { State = ChildState.Running, LastExitCode = 7, Restarts = 1, Reason = "it ended with exit code 7" });
        await StopAsync(run);
    }

    [Fact]
    public async Task Run_CannotBeStarted_TriesAgainAndSaysWhy()
    {
        _launcher.Refusal = "'ollama' cannot be started";
        var run = Run();
        _child.Status.Should().BeEquivalentTo(new { State = ChildState.BackingOff, Reason = "'ollama' cannot be started", LastExitCode = (int?)null });

        _launcher.Refusal = null;
        _time.Run(_timings.FirstDelay);

        _child.Status.State.Should().Be(ChildState.Running);
        await StopAsync(run);
    }

    [Fact]
    public async Task Run_ProbeNeverAnswers_IsStoppedAfterTheDeadlineAndStartedAgain()
    {
        _probe.Answers = false;
        var run = Run();
        _time.Run(_timings.StartTimeout - Tick);
        _child.Status.State.Should().Be(ChildState.Starting);
        _launcher.Last.IsTerminated.Should().BeFalse();

        _time.Run(_timings.StartProbeInterval);

        await StateAsync(ChildState.BackingOff);
        _launcher.Last.IsTerminated.Should().BeTrue();
        _child.Status.Reason.Should().Be("it did not answer http://127.0.0.1:1/ within 180 s");
        _time.Run(_timings.FirstDelay * 2);
        _launcher.Started.Should().HaveCount(2);
        await StopAsync(run);
    }

    [Fact]
    public async Task Run_RunningChildHangs_IsStoppedAndStartedAgain()
    {
        var run = Run();
        _probe.Hangs = true;
        _time.Run((_timings.ProbeInterval + _timings.ProbeTimeout) * (_timings.ProbeFailures - 1));
        _child.Status.State.Should().Be(ChildState.Running);
        _probe.Hangs = false;
        _time.Run(_timings.ProbeInterval);
        _probe.Hangs = true;

        _time.Run((_timings.ProbeInterval + _timings.ProbeTimeout) * (_timings.ProbeFailures - 1));
        _launcher.Last.IsTerminated.Should().BeFalse("an answer in between counts anew");
        _time.Run(_timings.ProbeInterval + _timings.ProbeTimeout);

        await StateAsync(ChildState.BackingOff);
        _launcher.Last.IsTerminated.Should().BeTrue();
        _child.Status.Reason.Should().Be("it did not answer http://127.0.0.1:1/ 3 times in a row");
        await StopAsync(run);
    }

    [Fact]
    public async Task Follow_AnotherVersion_StartsItAtOnceWithThatEnvironmentAndCountsNoFailure()
    {
        var run = Run();
        _launcher.Last.Environment["OLLAMA_MODELS"].Should().Be("/models/ollama/llm-1");
        _child.Follow(_model);
        _launcher.Started.Should().ContainSingle("it has that version");

        _model = FakeCache.Model(2);
        _child.Follow(_model);

        await Eventually.IsAsync(() => _launcher.Started.Count == 2 && _child.Status.State == ChildState.Running, "a second start");
        _launcher.Started[0].IsTerminated.Should().BeTrue();
        _launcher.Started.Should().HaveCount(2);
        _launcher.Last.Environment["OLLAMA_MODELS"].Should().Be("/models/ollama/llm-2");
        _child.Status.Should().BeEquivalentTo(new { State = ChildState.Running, Restarts = 0, Version = "llm-2", Reason = (string?)null });
        await StopAsync(run);
    }

    [Fact]
    public async Task Stop_StubbornChild_IsKilledAfterTheGrace()
    {
        _launcher.IsStubborn = true;
        var run = Run();

        _stop.Cancel();

        await Eventually.IsAsync(() => _launcher.Last.IsTerminated, "SIGTERM");
        _time.Run(_timings.TerminateGrace - Tick);
        _launcher.Last.IsKilled.Should().BeFalse();
        _time.Run(Tick);
        await run.EndsAsync();
        _launcher.Last.IsKilled.Should().BeTrue();
        _child.Status.Should().BeEquivalentTo(new { State = ChildState.Stopped, LastExitCode = 137, Reason = (string?)null });
    }

    [Fact]
    public async Task Stop_WhileBackingOff_EndsAtOnceAndStartsNothing()
    {
        var run = Run();
        _launcher.Last.End(1);
        await StateAsync(ChildState.BackingOff);

        _stop.Cancel();

        await run.EndsAsync();
        _launcher.Started.Should().ContainSingle();
    }

    public void Dispose() => _stop.Dispose();

    private Task Run()
    {
        // Continuations run inside of the call that completes them only where no synchronization context is set.
        SynchronizationContext.SetSynchronizationContext(null);
        return _child.RunAsync(() => _model, _stop.Token);
    }

    private Task StateAsync(ChildState state) => Eventually.IsAsync(() => _child.Status.State == state, $"{state}");

    private async Task StopAsync(Task run)
    {
        _stop.Cancel();
        await run.EndsAsync();
        _launcher.Started.Should().OnlyContain(c => c.IsDisposed);
    }
}
