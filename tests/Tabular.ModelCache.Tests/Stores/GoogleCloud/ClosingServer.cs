using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tabular.ModelCache.Tests.Stores.GoogleCloud;

/// <summary>A server that answers the first request of each connection, and closes it in good order, unanswered, at the second.</summary>
internal sealed class ClosingServer : IDisposable
{
    private const string Answer =
        """{"name":"from","generation":"1","metageneration":"1","size":"0","crc32c":"AAAAAA=="}""";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<string> _requests = [];

    public ClosingServer()
    {
        _listener.Start();
        _ = ServeAsync();
    }

    public string Address => $"{_listener.LocalEndpoint}";

    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                var stream = client.GetStream();
                await ReadHeadAsync(stream);
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Answer.Length}\r\n\r\n{Answer}"));
                await ReadHeadAsync(stream);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
        }
    }

    private async Task ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var buffer = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(buffer);
            head.Append((char)buffer[0]);
        }

        lock (_requests)
        {
            _requests.Add(head.ToString().Split(' ')[0]);
        }
    }
}
