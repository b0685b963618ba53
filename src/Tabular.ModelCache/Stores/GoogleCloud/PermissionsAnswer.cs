namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>What the caller may do with the bucket, and what time it was there.</summary>
/// <param name="Granted">Those of the permissions asked for that the caller has.</param>
/// <param name="Date">The <c>Date</c> of the answer, in whole seconds; <see langword="null"/> where it has none.</param>
internal sealed record PermissionsAnswer(IReadOnlySet<string> Granted, DateTimeOffset? Date);
