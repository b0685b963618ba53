namespace Tabular.Children;

/// <summary>Reads the output of a child by lines of a bounded length. A child that writes faster than the log waits: nothing piles up.</summary>
internal sealed class ChildOutput(Action<string> write)
{
    /// <summary>In characters; a longer line is cut and ends with an ellipsis.</summary>
    public const int MaxLine = 2000;

    private const int BlockSize = 4096;

    public async Task ReadAsync(TextReader reader)
    {
        var block = new char[BlockSize];
        var line = new System.Text.StringBuilder();
        int read;
        while ((read = await ReadBlockAsync(reader, block)) > 0)
        {
            foreach (var c in block.AsSpan(0, read))
            {
                if (c is '\n' or '\r')
                {
                    Flush(line);
                }
                else if (line.Length <= MaxLine)
                {
                    // Others than tabs would steer the terminal that shows the log.
                    line.Append(char.IsControl(c) && c != '\t' ? ' ' : c);
                }
            }
        }

        Flush(line);
    }

    private static async Task<int> ReadBlockAsync(TextReader reader, char[] block)
    {
        try
        {
            return await reader.ReadAsync(block);
        }
        catch (Exception e) when (e is ObjectDisposedException or IOException)
        {
            // The process is gone, and with it the end of the pipe.
            return 0;
        }
    }

    private void Flush(System.Text.StringBuilder line)
    {
        if (line.Length > 0)
        {
            write(line.Length > MaxLine ? $"{line.ToString(0, MaxLine)}…" : line.ToString());
            line.Clear();
        }
    }
}
