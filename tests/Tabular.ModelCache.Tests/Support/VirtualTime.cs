using Microsoft.Extensions.Time.Testing;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>Moves a fake clock so that all that becomes due has run when the call returns.</summary>
internal static class VirtualTime
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>Moves time in steps, so that each timer fires when it is due and not later.</summary>
    public static void Run(this FakeTimeProvider clock, TimeSpan time)
    {
        // Continuations run inline in the timers' callbacks only where no synchronization context is set.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            for (var left = time; left > TimeSpan.Zero; left -= Step)
            {
                clock.Advance(left < Step ? left : Step);
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
