using Tabular.ModelCache;

namespace Tabular.StatusPage;

/// <summary>The body of <c>/status.json</c>.</summary>
internal sealed record StatusReport(ModelCacheStatus Cache, IReadOnlyList<ChildReport> Children, IReadOnlyList<Problem> Problems);
