namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>A parser accepted what it must not, or made something unsafe of it.</summary>
internal sealed class InvariantException(string message) : Exception(message)
{
    public static void Require(bool holds, string rule)
    {
        if (!holds)
        {
            throw new InvariantException(rule);
        }
    }

    /// <summary>What a path from outside must be, told again without the code under test.</summary>
    public static void RequireSafePath(string path) => Require(
        path.Length > 0 && !path.Contains('\\', StringComparison.Ordinal) && !path.Any(char.IsControl) &&
            path.Split('/').All(p => p is not ("" or "." or "..")) && !Path.IsPathRooted(path),
        $"the path '{path}' leaves its folder");
}
