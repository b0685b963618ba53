namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>Whether the own clock agrees with the store's.</summary>
internal sealed class ClockCheck : IDoctorCheck
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    public string Name => "clock";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(20);

    public async Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        if (!context.HasSeparateStore)
        {
            return;
        }

        var permissions = await context.GetPermissionsAsync().ConfigureAwait(false);
        if (permissions.Failure is not null)
        {
            // Told by the check of the bucket.
            return;
        }

        if (permissions.Value?.Date is not { } date)
        {
            findings.Note("the store does not say what time it is, so the clock was not compared");
            return;
        }

        // The answer is at most as old as the observations of one run; a second is the resolution of the header.
        var ended = context.Time.GetUtcNow();
        var off = context.Began > date ? context.Began - date : date > ended ? ended - date : TimeSpan.Zero;
        if (off.Duration() > Tolerance)
        {
            findings.Warning(
                "clock-off",
                $"this machine's clock is {off.Duration().TotalSeconds:0} s {(off > TimeSpan.Zero ? "ahead of" : "behind")} the store's ({date:u}); tokens are refused and versions get wrong dates",
                "set the clock of the machine, by NTP for example; the lease itself compares no clocks");
        }
    }
}
