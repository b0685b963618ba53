using System.ComponentModel;
using System.Diagnostics;

namespace Tabular.Children;

/// <summary>Starts children as processes, with the environment of the app, of their settings and of their model, in this order.</summary>
internal sealed class ProcessLauncher(ILoggerFactory loggers, TimeProvider time) : IChildLauncher
{
    /// <summary>What the app alone needs: its settings may hold the key that signs manifests.</summary>
    private static readonly string[] OwnPrefixes = ["ModelCache__", "HF_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS"];

    public IChildProcess Start(ChildOptions child, IReadOnlyDictionary<string, string> model)
    {
        var start = new ProcessStartInfo(child.Command, child.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in start.Environment.Keys.Where(k => OwnPrefixes.Any(p => k.StartsWith(p, StringComparison.OrdinalIgnoreCase))).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in child.Environment.Concat(model))
        {
            start.Environment[name] = value;
        }

        try
        {
            var process = Process.Start(start) ?? throw new InvalidOperationException("No process was started.");
            return new RunningProcess(process, loggers.CreateLogger($"{nameof(Tabular)}.{nameof(Children)}.{child.Name}"), time);
        }
        catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException)
        {
            throw new ChildStartException($"'{child.Command}' cannot be started ({e.Message}); install it, or change the child's Command", e);
        }
    }
}
