using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Doctor.Checks;

namespace Tabular.ModelCache.Doctor;

/// <summary>Looks at everything that is commonly wrong with a set-up. Changes nothing, and starts nothing.</summary>
internal sealed class ModelCacheDoctor(
    IOptions<ModelCacheOptions> options, Func<CancellationToken, DoctorContext> createContext, ModelCacheClock clock)
{
    private readonly IReadOnlyList<IDoctorCheck> _checks =
    [
        new MountCheck(), new BucketCheck(), new MountSourceCheck(), new MountOptionsCheck(), new WritingCheck(), new BucketSettingsCheck(),
        new RegionCheck(), new ClockCheck(), new ManifestCheck(), new VersionsCheck(), new OllamaCheck(), new HubCheck(), new MemoryCheck(),
    ];

    // Alone, after the others, which would be measured with it.
    private readonly SpeedCheck _speed = new();

    /// <summary>Runs every check; no failure of one keeps the others from it.</summary>
    public async Task<DoctorReport> RunAsync(CancellationToken cancellationToken)
    {
        var began = clock.Time.GetTimestamp();
        try
        {
            _ = options.Value;
        }
        catch (OptionsValidationException e)
        {
            return new DoctorReport([.. e.Failures.Select(OfSetting)], [], clock.Time.GetElapsedTime(began).TotalSeconds);
        }
        catch (ModelCacheException e)
        {
            return new DoctorReport([OfSetting(e.Message)], [], clock.Time.GetElapsedTime(began).TotalSeconds);
        }

        var context = createContext(cancellationToken);
        var all = new List<DoctorFindings>(await Task.WhenAll(_checks.Select(c => RunAsync(c, context, cancellationToken))).ConfigureAwait(false))
        {
            await RunAsync(_speed, context, cancellationToken).ConfigureAwait(false),
        };
        var taken = all.ConvertAll(f => f.Take());
        return new DoctorReport(
            [.. taken.SelectMany(t => t.Findings).DistinctBy(f => f.Id == "prefix-mismatch" ? f.Id : f.Evidence)],
            [.. taken.SelectMany(t => t.Notes)],
            clock.Time.GetElapsedTime(began).TotalSeconds);
    }

    internal async Task<DoctorFindings> RunAsync(IDoctorCheck check, DoctorContext context, CancellationToken cancellationToken)
    {
        var findings = new DoctorFindings(check.Name);
        using var deadline = new CancellationTokenSource(check.Deadline, clock.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await Task.Run(() => check.RunAsync(context, findings, linked.Token), linked.Token).WaitAsync(linked.Token).ConfigureAwait(false);
            return findings;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return NotRun(check, findings, $"did not end within {check.Deadline.TotalSeconds:0} s");
        }
#pragma warning disable CA1031 // A check that fails is told as such, and the others go on.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return NotRun(check, findings, $"failed: {e.Message}");
        }
    }

    private static DoctorFindings NotRun(IDoctorCheck check, DoctorFindings seen, string problem)
    {
        // What the check had found before is kept; what it finds later is not.
        var findings = new DoctorFindings(check.Name);
        foreach (var finding in seen.Take().Findings)
        {
            findings.Add(finding);
        }

        findings.Warning("check-not-run", $"the check '{check.Name}' {problem}", "mend what is told above first, then run the doctor again");
        return findings;
    }

    private static Finding OfSetting(string problem)
    {
        var id = problem.StartsWith(OllamaCheck.ModelsVariable + " is", StringComparison.Ordinal) ? OllamaCheck.Elsewhere : "setting-invalid";
        return new Finding(id, FindingSeverity.Error, problem, "correct the setting or the variable that is named; nothing else was looked at");
    }
}
