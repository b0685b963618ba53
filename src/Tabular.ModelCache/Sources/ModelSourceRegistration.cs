namespace Tabular.ModelCache.Sources;

/// <summary>A scheme of source URIs, and how to make what reads it.</summary>
internal sealed record ModelSourceRegistration(string Scheme, Func<IServiceProvider, IModelSource> Factory);
