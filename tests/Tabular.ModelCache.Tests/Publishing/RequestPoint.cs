using System.Text.RegularExpressions;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>A request of a publish, recognisable in another run: which operation on what, and the how many-th such one.</summary>
internal sealed partial record RequestPoint(string What, int Occurrence)
{
    /// <summary>The same text for the same request of any run, although attempts and buckets have other names.</summary>
    public static string Describe(CloudStorageRequest request) =>
        $"{request.Operation} {Attempt().Replace(request.ObjectName ?? "", "/attempt/")}".TrimEnd();

    public override string ToString() => Occurrence == 1 ? What : $"{What} #{Occurrence}";

    [GeneratedRegex("/[0-9]+-[0-9a-f]{16}/")]
    private static partial Regex Attempt();
}
