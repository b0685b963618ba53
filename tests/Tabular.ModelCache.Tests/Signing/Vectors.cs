using System.Text;

namespace Tabular.ModelCache.Tests.Signing;

/// <summary>A fixed key, and the bundle that it made for a folder with <c>weights.bin</c> and <c>sub/config.json</c>.</summary>
internal static class Vectors
{
    public const string Hint = "34d515e613786d9d2936714f862c982ace1267d23f69c14fa7688c21b679c473";

    public static string PrivateKey => Encoding.ASCII.GetString(Read("test.key.pem"));

    public static string PublicKey => Encoding.ASCII.GetString(Read("test.pub.pem"));

    public static byte[] Bundle => Read("model.sig");

    private static byte[] Read(string name)
    {
        using var stream = typeof(Vectors).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
