using Tabular.ModelCache.Requirements;

namespace Tabular.ModelCache.Tests.Requirements;

/// <summary>A folder with requirements files, and an environment of its own.</summary>
internal sealed class RequirementsFolder : IDisposable
{
    public const string Python = TargetEnvironment.DefaultPythonVersion;

    private readonly string _root = Directory.CreateTempSubdirectory("requirements-").FullName;

    public Dictionary<string, string?> Variables { get; init; } = [];

    public string PathOf(string name) => Path.GetFullPath(name, _root);

    public string NameOf(string path) => Path.GetRelativePath(_root, path);

    public void Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    public void Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllBytes(PathOf(name), bytes);
    }

    public AuditResult Audit(string name, string python = Python) =>
        RequirementsAuditor.Audit([PathOf(name)], TargetEnvironment.TryCreate(python)!, v => Variables.GetValueOrDefault(v));

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
