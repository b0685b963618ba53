using System.Text.RegularExpressions;

namespace Tabular.ModelCache.Configuration;

/// <summary>The rules for names of models, which are parts of object names.</summary>
internal static partial class ModelName
{
    public const string Allowed = "1 to 64 letters, digits, '.', '_' and '-', starting with a letter or digit, without '..'";

    public static bool IsValid(string? name) =>
        name is not null && Pattern().IsMatch(name) && !name.Contains("..", StringComparison.Ordinal);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
