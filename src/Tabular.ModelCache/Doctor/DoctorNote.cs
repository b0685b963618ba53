namespace Tabular.ModelCache.Doctor;

/// <summary>What a check could not see from here, or measured; not something that is wrong.</summary>
internal sealed record DoctorNote(string Check, string Text);
