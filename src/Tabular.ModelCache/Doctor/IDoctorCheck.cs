namespace Tabular.ModelCache.Doctor;

/// <summary>Looks at one part of a set-up.</summary>
internal interface IDoctorCheck
{
    /// <summary>The name under which a check that could not run is told.</summary>
    string Name { get; }

    /// <summary>How long the check may take; it is then told as not run.</summary>
    TimeSpan Deadline { get; }

    /// <summary>Looks, and adds what is wrong. What was observed for several checks fails once: a check skips what it cannot judge.</summary>
    Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken);
}
