using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace Tabular.ModelCache.TestProcess;

/// <summary>
/// Stands in for <c>ollama serve</c>: <c>GET /api/version</c>, and a <c>POST /api/pull</c> that copies a prepared folder into
/// <c>OLLAMA_MODELS</c>, or misbehaves as it is told to.
/// </summary>
internal sealed class OllamaStandIn(string behavior, string prepared, string record)
{
    public async Task<int> RunAsync()
    {
        if (behavior == "exit")
        {
            await Console.Error.WriteLineAsync("Error: could not create the key").ConfigureAwait(false);
            return 3;
        }

        using var ended = new CancellationTokenSource();
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            if (!behavior.StartsWith("stubborn", StringComparison.Ordinal))
            {
                ended.Cancel();
            }
        });
        using var listener = new HttpListener();
        listener.Prefixes.Add($"http://{Environment.GetEnvironmentVariable("OLLAMA_HOST")}/");
        listener.Start();
        using var stop = ended.Token.Register(listener.Stop);
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await AnswerAsync(await listener.GetContextAsync().ConfigureAwait(false)).ConfigureAwait(false);
            }
            catch (Exception e) when (ended.IsCancellationRequested && e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return 0;
            }
        }

        return 0;
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        if (context.Request.Url!.AbsolutePath != "/api/pull")
        {
            await EndAsync(context, """{"version":"0.0.0"}""").ConfigureAwait(false);
            return;
        }

        using var reader = new StreamReader(context.Request.InputStream);
        var models = Environment.GetEnvironmentVariable("OLLAMA_MODELS")!;
        await File.WriteAllLinesAsync(
            record,
            [models, Environment.GetEnvironmentVariable("OLLAMA_NOPRUNE") ?? "", $"{Environment.ProcessId}", await reader.ReadToEndAsync().ConfigureAwait(false)])
            .ConfigureAwait(false);
        switch (behavior)
        {
            case "refuse":
                context.Response.StatusCode = 500;
                await EndAsync(context, """{"error":"pull model manifest: file does not exist"}""").ConfigureAwait(false);
                return;
            case "silent" or "stubborn-silent":
                await SayAsync(context, """{"status":"pulling manifest"}""").ConfigureAwait(false);
                return;
            case "fail":
                await SayAsync(context, """{"status":"pulling manifest"}""").ConfigureAwait(false);
                await EndAsync(context, """{"error":"max retries exceeded: unexpected EOF"}""").ConfigureAwait(false);
                return;
            case "unfinished":
                await EndAsync(context, """{"status":"verifying sha256 digest"}""").ConfigureAwait(false);
                return;
            default:
                await SayAsync(context, """{"status":"pulling manifest"}""").ConfigureAwait(false);
                Copy(models);
                await EndAsync(context, """{"status":"success"}""").ConfigureAwait(false);
                return;
        }
    }

    private void Copy(string models)
    {
        foreach (var file in Directory.EnumerateFiles(prepared, "*", SearchOption.AllDirectories))
        {
            var target = Path.Join(models, Path.GetRelativePath(prepared, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static async Task SayAsync(HttpListenerContext context, string line)
    {
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n")).ConfigureAwait(false);
        await context.Response.OutputStream.FlushAsync().ConfigureAwait(false);
    }

    private static async Task EndAsync(HttpListenerContext context, string line)
    {
        await SayAsync(context, line).ConfigureAwait(false);
        context.Response.Close();
    }
}
