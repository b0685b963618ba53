using System.Security.Cryptography;
using System.Text.Json;

namespace Tabular.ModelCache.TestProcess;

/// <summary>Looks at the environment and the files as strictly as a reader could.</summary>
internal static class ServedStore
{
    public const int FaultExitCode = 4;

    /// <summary>Finds what would keep a reader from the model that <c>OLLAMA_MODELS</c> names.</summary>
    public static string? FindFault()
    {
        var store = Environment.GetEnvironmentVariable("OLLAMA_MODELS");
        if (!Directory.Exists(store))
        {
            return $"OLLAMA_MODELS is '{store}', which is no folder";
        }

        if (Environment.GetEnvironmentVariable("OLLAMA_NOPRUNE") != "1")
        {
            return "OLLAMA_NOPRUNE is not 1";
        }

        var secret = Environment.GetEnvironmentVariables().Keys.Cast<string>().FirstOrDefault(k => k.StartsWith("ModelCache__", StringComparison.Ordinal));
        if (secret is not null)
        {
            return $"{secret} is none of a reader's business";
        }

        var manifests = Directory.GetFiles(Path.Join(store, "manifests"), "*", SearchOption.AllDirectories);
        return manifests.Length == 1 ? FindFault(store, manifests[0]) : $"{store} has {manifests.Length} manifests";
    }

    private static string? FindFault(string store, string manifest)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(manifest));
        foreach (var layer in json.RootElement.GetProperty("layers").EnumerateArray().Append(json.RootElement.GetProperty("config")))
        {
            var digest = layer.GetProperty("digest").GetString()!;
            using var blob = File.OpenRead(Path.Join(store, "blobs", digest.Replace(':', '-')));
            if ("sha256:" + Convert.ToHexStringLower(SHA256.HashData(blob)) != digest)
            {
                return $"{blob.Name} has other bytes than its name says";
            }
        }

        return null;
    }
}
