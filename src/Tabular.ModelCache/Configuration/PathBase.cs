using Microsoft.Extensions.Hosting;

namespace Tabular.ModelCache.Configuration;

/// <summary>Resolves the relative paths of settings: from the content root of the host, or from the working directory without a host.</summary>
internal sealed class PathBase(IHostEnvironment? environment = null)
{
    public string Resolve(string path) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, Path.GetFullPath(environment?.ContentRootPath ?? Directory.GetCurrentDirectory())));
}
