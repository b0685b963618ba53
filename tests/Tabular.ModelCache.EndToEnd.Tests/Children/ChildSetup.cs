using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Children;

/// <summary>Settings of children, and what can be seen of them.</summary>
internal static class ChildSetup
{
    /// <summary>Adds a child that runs a program.</summary>
    public static Deployment WithChild(this Deployment deployment, int index, string name, string model, params string[] command)
    {
        deployment.With($"Children__{index}__Name", name).With($"Children__{index}__Model", model).With($"Children__{index}__Command", command[0]);
        for (var i = 1; i < command.Length; i++)
        {
            deployment.With($"Children__{index}__Arguments__{i - 1}", command[i]);
        }

        return deployment;
    }

    /// <summary>Adds the stand-in for <c>ollama serve</c>, which writes a line with its process and its store into a file at each start.</summary>
    public static Deployment WithOllama(this Deployment deployment, string model, string record, string behavior = "serve")
    {
        var host = $"127.0.0.1:{FreePort()}";
        return deployment.WithChild(0, "ollama", model, SampleProgram.DotNet, SampleProgram.StandIn, "serve", behavior, record)
            .With("Children__0__Environment__OLLAMA_HOST", host)
            .With("Children__0__ProbeUrl", $"http://{host}/api/version");
    }

    /// <summary>Adds the sample's embedder with a stand-in for its library.</summary>
    /// <returns>Where it answers.</returns>
    public static Uri WithEmbedder(this Deployment deployment, string model)
    {
        var port = FreePort();
        deployment.WithChild(1, "embedder", model, "python3", Path.Join("embedder", "embedder.py"), $"--port={port}")
            .With("Children__1__Environment__PYTHONPATH", Path.Join(AppContext.BaseDirectory, "Children"))
            .With("Children__1__Environment__PYTHONDONTWRITEBYTECODE", "1")
            .With("Children__1__ProbeUrl", $"http://127.0.0.1:{port}/healthz");
        return new Uri($"http://127.0.0.1:{port}");
    }

    /// <summary>What <c>/healthz</c> says of a child.</summary>
    public static JsonElement Child(this Health health, string name) => health.Body.GetProperty("children").GetProperty(name);

    public static string StateOf(this Health health, string name) => health.Child(name).GetProperty("state").GetString()!;

    /// <summary>The starts that a stand-in has recorded.</summary>
    public static IReadOnlyList<(int ProcessId, string Store)> ReadStarts(string record) => File.Exists(record)
        ? [.. File.ReadAllLines(record).Select(l => l.Split(' ', 2)).Select(p => (int.Parse(p[0], System.Globalization.CultureInfo.InvariantCulture), p[1]))]
        : [];

    /// <summary>Whether a process runs; one that has ended and is waited for by nobody does not (proc_pid_stat(5)).</summary>
    public static bool IsRunning(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
