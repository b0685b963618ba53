using System.Net;
using System.Net.Sockets;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>Finds a port of 127.0.0.1 for a program that wants to be told one.</summary>
internal static class FreePort
{
    // Below the ports that systems give out by themselves (32768 and up on Linux), so that nobody gets this one by chance meanwhile.
    private const int First = 20_000;
    private const int End = 30_000;
    private const int Tries = 100;

    public static int Find(Random random)
    {
        for (var i = 0; i < Tries; i++)
        {
            var port = random.Next(First, End);
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new ModelCacheException($"No port of 127.0.0.1 is free: {Tries} were tried from {First} to {End - 1}; end what holds them.");
    }

    /// <summary>Whether nobody listens on a port now.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
