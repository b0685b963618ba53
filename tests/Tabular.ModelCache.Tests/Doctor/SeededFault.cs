using Tabular.ModelCache.Doctor;

namespace Tabular.ModelCache.Tests.Doctor;

/// <summary>One thing made wrong, and what must be found of it.</summary>
/// <param name="Id">The finding.</param>
/// <param name="Severity">Its severity.</param>
/// <param name="Evidence">What the evidence must contain.</param>
/// <param name="Seed">Makes it wrong.</param>
/// <param name="Follows">The findings that are consequences of the same fault.</param>
internal sealed record SeededFault(string Id, FindingSeverity Severity, string Evidence, Func<DoctorHarness, Task> Seed, params string[] Follows);
