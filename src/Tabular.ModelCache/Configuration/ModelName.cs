namespace Tabular.ModelCache.Configuration;

/// <summary>The rules for names of models, which are parts of object names.</summary>
/// <remarks>Written out, as are those of versions: a regular expression would be the only one of a start on a hit, and costs milliseconds to load and compile.</remarks>
internal static class ModelName
{
    public const string Allowed = "1 to 64 letters, digits, '.', '_' and '-', starting with a letter or digit, without '..'";

    private const int MostLength = 64;

    public static bool IsValid(string? name)
    {
        if (name is null or "" || name.Length > MostLength || !char.IsAsciiLetterOrDigit(name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        return !name.Contains("..", StringComparison.Ordinal);
    }
}
