using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Operations;

/// <summary>What a command is going to do to a model's entry.</summary>
/// <param name="Version">The version that it is about.</param>
/// <param name="Apply">Makes the new entry, of an attempt and the store's time; <see langword="null"/> when the entry says so already.</param>
internal sealed record EntryDecision(ManifestVersion Version, Func<string, DateTimeOffset, ManifestEntry>? Apply);
