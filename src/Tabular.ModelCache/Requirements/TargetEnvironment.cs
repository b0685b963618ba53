namespace Tabular.ModelCache.Requirements;

/// <summary>What the requirements are installed on, as environment markers see it (PEP 508): CPython on Linux, x86_64.</summary>
internal sealed class TargetEnvironment
{
    public const string DefaultPythonVersion = "3.11";

    // Above every patch release that there will be.
    private const string HighestPatch = ".999";

    private readonly string _minor;
    private readonly string _lowest;
    private readonly string _highest;

    private TargetEnvironment(string minor, string lowest, string highest) => (_minor, _lowest, _highest) = (minor, lowest, highest);

    /// <summary>Makes the environment of a version of Python.</summary>
    /// <param name="pythonVersion"><c>3.11</c>, or <c>3.11.9</c> when the patch is known too.</param>
    /// <returns><see langword="null"/> when it is no such version.</returns>
    public static TargetEnvironment? TryCreate(string pythonVersion)
    {
        var parts = pythonVersion.Split('.');
        if (parts.Length is not (2 or 3) || parts.Any(p => p.Length is 0 or > 3 || !p.All(c => c is >= '0' and <= '9')))
        {
            return null;
        }

        var minor = $"{parts[0]}.{parts[1]}";
        return parts.Length == 3
            ? new TargetEnvironment(minor, pythonVersion, pythonVersion)
            : new TargetEnvironment(minor, minor + ".0", minor + HighestPatch);
    }

    /// <summary>What a variable of a marker can be: one value, or the lowest and the highest of a range; none when it is not known.</summary>
    public IReadOnlyList<string> ValuesOf(string variable) => variable switch
    {
        "os_name" or "os.name" => ["posix"],
        "sys_platform" or "sys.platform" => ["linux"],
        "platform_system" => ["Linux"],
        "platform_machine" or "platform.machine" => ["x86_64"],
        "platform_python_implementation" or "platform.python_implementation" or "python_implementation" => ["CPython"],
        "implementation_name" => ["cpython"],
        "python_version" => [_minor],
        "python_full_version" or "implementation_version" => _lowest == _highest ? [_lowest] : [_lowest, _highest],

        // pip asks once with no extra for what stands in a file.
        "extra" => [""],
        _ => [],
    };
}
