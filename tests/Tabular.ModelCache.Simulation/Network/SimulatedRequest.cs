using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Simulation.Faults;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Simulation.Network;

/// <summary>One request on its way: sent, perhaps effective, perhaps answered.</summary>
internal sealed class SimulatedRequest<T>(
    Simulation run,
    SimulatedProcess process,
    StoreOperationKind kind,
    string name,
    string? destination,
    Func<T> effect,
    bool isLease,
    CancellationToken cancellationToken)
{
    // Without RunContinuationsAsynchronously: who awaits it goes on at once, on the thread of the simulation.
    private readonly TaskCompletionSource<T> _answer = new();
    private readonly string _text = destination is null ? $"{kind} {name}" : $"{kind} {name} -> {destination}";
    private CancellationTokenRegistration _cancellation;
    private bool _dropWhenCancelled;
    private T? _result;
    private ObjectStoreException? _error;

    public Task<T> Task => _answer.Task;

    public RequestFault Fault { get; private set; }

    private bool IsMutation => kind is not (StoreOperationKind.Get or StoreOperationKind.OpenRead or StoreOperationKind.List);

    public void Send()
    {
        if (cancellationToken.IsCancellationRequested)
        {
            _answer.SetCanceled(cancellationToken);
            return;
        }

        if (process.IsDead)
        {
            // It died in this very event: this is never sent, and never answered.
            return;
        }

        var random = run.FaultRandom;
        Fault = run.Plan.Draw(random, kind);
        if (isLease && run.Plan.IsOn && process.LeaseCutUntil > run.Time.Now)
        {
            Fault = RequestFault.FailBefore;
        }

        var there = run.Plan.DrawDelay(random);
        var back = run.Plan.DrawDelay(random);
        var giveUp = TimeSpan.FromSeconds(5 + (random.NextDouble() * 10));
        _dropWhenCancelled = random.Next(2) == 0;
        if (IsMutation)
        {
            run.Rules.OnSend(process, name, destination);
        }

        if (run.Trace.IsVerbose)
        {
            run.Trace.Say(run.Time.Now, process.Id, $"  send {_text}{(Fault == RequestFault.None ? "" : $" [{Fault}]")}");
        }

        _cancellation = cancellationToken.UnsafeRegister(static self => ((SimulatedRequest<T>)self!).Cancel(), this);
        switch (Fault)
        {
            case RequestFault.FailBefore:
                FailAfter(there + back, ObjectStoreError.Unavailable, outcomeUnknown: false);
                break;
            case RequestFault.RateLimited:
                FailAfter(there + back, ObjectStoreError.RateLimited, outcomeUnknown: false);
                break;
            case RequestFault.LostResponse:
                Land(there, null, null);
                FailAfter(there + giveUp, ObjectStoreError.Unavailable, outcomeUnknown: true);
                break;
            case RequestFault.Late:
                Land(run.Plan.Ttl * (random.NextDouble() * 3), null, null);
                FailAfter(giveUp, ObjectStoreError.Unavailable, outcomeUnknown: true);
                break;
            case RequestFault.RetriedBelow:
                Land(there, null, null);
                Land(there + giveUp, null, back);
                break;
            case RequestFault.Slow:
                Land(run.Plan.Ttl * (random.NextDouble() / 2), null, back);
                break;
            case RequestFault.PauseBefore:
                process.Pause(run.Plan.DrawPause(random), run.Plan.Suspends);
                Land(there, process, back);
                break;
            case RequestFault.PauseAfter:
                process.Pause(run.Plan.DrawPause(random), run.Plan.Suspends);
                Land(there, null, back);
                break;
            case RequestFault.CrashBefore:
                run.Crash(process);
                break;
            case RequestFault.CrashAfter:
                Land(there, null, null);
                run.Crash(process);
                break;
            default:
                Land(there, null, back);
                break;
        }
    }

    private void Land(TimeSpan delay, SimulatedProcess? sender, TimeSpan? answerAfter) =>
        run.Time.After(
            delay,
            sender,
            _text,
            () =>
            {
                if (_dropWhenCancelled && _answer.Task.IsCanceled)
                {
                    return;
                }

                TakeEffect();
                if (answerAfter is { } back)
                {
                    run.Time.After(back, process, "answer", Answer);
                }
            },
            isEffect: IsMutation);

    private void TakeEffect()
    {
        try
        {
            _result = effect();
            _error = null;
        }
        catch (ObjectStoreException e)
        {
            _error = e;
        }
    }

    private void Answer()
    {
        _cancellation.Dispose();
        if (_error is null)
        {
            _answer.TrySetResult(_result!);
        }
        else
        {
            _answer.TrySetException(_error);
        }
    }

    private void FailAfter(TimeSpan delay, ObjectStoreError error, bool outcomeUnknown) =>
        run.Time.After(
            delay,
            process,
            "fail",
            () =>
            {
                _cancellation.Dispose();
                _answer.TrySetException(new ObjectStoreException(error, $"Injected: {Fault} of {_text}.", name) { OutcomeUnknown = outcomeUnknown && IsMutation });
            });

    private void Cancel() => _answer.TrySetCanceled(cancellationToken);
}
