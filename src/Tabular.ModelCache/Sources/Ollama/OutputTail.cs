using System.Diagnostics;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>The last lines that a process wrote. Reading them all also keeps it from blocking on a full pipe.</summary>
internal sealed class OutputTail
{
    private const int MostLines = 3;

    private readonly Queue<string> _lines = new();

    public void Follow(Process process)
    {
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Describe()
    {
        lock (_lines)
        {
            return _lines.Count == 0 ? "" : $" and wrote last: {string.Join(" | ", _lines)}";
        }
    }

    private void Add(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(SourceErrors.Printable(line));
            if (_lines.Count > MostLines)
            {
                _lines.Dequeue();
            }
        }
    }
}
