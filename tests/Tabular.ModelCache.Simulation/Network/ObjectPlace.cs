using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Simulation.Network;

/// <summary>Where in the bucket's layout an object lies.</summary>
/// <param name="Kind">The part of the layout.</param>
/// <param name="Model">The model that owns it; empty for the manifest.</param>
/// <param name="Folder">The version or the attempt whose folder it is in.</param>
/// <param name="Path">The path in that folder.</param>
internal readonly record struct ObjectPlace(PlaceKind Kind, string Model = "", string Folder = "", string Path = "")
{
    public Attempt? Attempt => Leases.Attempt.TryParse(Folder);

    public static ObjectPlace Of(string name)
    {
        if (name == VersionFiles.Manifest)
        {
            return new(PlaceKind.Manifest);
        }

        var parts = name.Split('/', 4);
        if (parts is [".locks", var lease] && lease.EndsWith(".lease", StringComparison.Ordinal))
        {
            return new(PlaceKind.Lease, lease[..^".lease".Length]);
        }

        if (parts is [".tmp", var model, var attempt, var staged] && Leases.Attempt.TryParse(attempt) is not null)
        {
            return new(PlaceKind.Staging, model, attempt, staged);
        }

        if (parts.Length >= 3 && parts[0] is ModelKinds.Ollama or ModelKinds.Sbert)
        {
            var version = parts[1];
            var end = version.Length - "-yyyy-mm-dd-0123456789ab".Length;
            if (end > 0 && VersionName.IsComplete(version, version[..end]))
            {
                return new(PlaceKind.Version, version[..end], version, name[(parts[0].Length + version.Length + 2)..]);
            }
        }

        return new(PlaceKind.Unknown);
    }
}
