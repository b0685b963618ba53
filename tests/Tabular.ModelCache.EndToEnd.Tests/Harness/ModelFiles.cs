using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Tabular.ModelCache.EndToEnd.Tests.Harness;

/// <summary>Makes models of random bytes in the layouts that readers expect.</summary>
internal static class ModelFiles
{
    public const string HubFolder = "models--acme--embedder";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private const int BlockSize = 4096;
    private const long BlockEvery = 16 << 20;

    /// <summary>Ollama's store with one model: layers and a config, each named for its digest, and the manifest that lists them.</summary>
    public static void WriteOllama(string folder, int seed, params int[] layers)
    {
        Clear(folder);
        var random = new Random(seed);
        var config = Encoding.UTF8.GetBytes($$"""{"model_format":"gguf","model_family":"llama","seed":{{seed}}}""");
        var manifest = new
        {
            schemaVersion = 2,
            mediaType = "application/vnd.docker.distribution.manifest.v2+json",
            config = WriteBlob(folder, config, "application/vnd.docker.container.image.v1+json"),
            layers = layers.Select((size, i) => WriteBlob(
                folder, Bytes(random, size), $"application/vnd.ollama.image.{(i == 0 ? "model" : "template")}")).ToArray(),
        };
        Write(Path.Join(folder, "manifests", "registry.ollama.ai", "library", "acme", "1b"), JsonSerializer.SerializeToUtf8Bytes(manifest));
    }

    /// <summary>A Hugging Face cache with one model of plain files.</summary>
    public static void WriteSbert(string folder, int seed, params int[] weights)
    {
        Clear(folder);
        var random = new Random(seed);
        WriteRef(folder);
        Write(Snapshot(folder, "config.json"), Encoding.UTF8.GetBytes($$"""{"model_type":"bert","seed":{{seed}}}"""));
        Write(Snapshot(folder, "1_Pooling", "config.json"), """{"pooling_mode_mean_tokens":true}"""u8.ToArray());
        for (var i = 0; i < weights.Length; i++)
        {
            Write(Snapshot(folder, $"model-{i + 1:00000}-of-{weights.Length:00000}.safetensors"), Bytes(random, weights[i]));
        }
    }

    /// <summary>The same as a downloader leaves it: content in <c>blobs/</c>, and symbolic links to it.</summary>
    public static void WriteLinkedSbert(string folder, int seed, int size)
    {
        Clear(folder);
        WriteRef(folder);
        var weights = Bytes(new Random(seed), size);
        foreach (var (name, content) in new[] { ("config.json", "{}"u8.ToArray()), ("model.safetensors", weights) })
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(content));
            Write(Path.Join(folder, HubFolder, "blobs", hash), content);
            Directory.CreateDirectory(Snapshot(folder));
            File.CreateSymbolicLink(Snapshot(folder, name), Path.Join("..", "..", "blobs", hash));
        }
    }

    /// <summary>A Hugging Face cache whose files are mostly holes: fast to make, slow enough to read.</summary>
    public static void WriteLargeSbert(string folder, int seed, params long[] sizes)
    {
        Clear(folder);
        WriteRef(folder);
        Write(Snapshot(folder, "config.json"), "{}"u8.ToArray());
        var random = new Random(seed);
        for (var i = 0; i < sizes.Length; i++)
        {
            using var stream = new FileStream(Snapshot(folder, $"model-{i + 1}.safetensors"), FileMode.CreateNew);
            stream.SetLength(sizes[i]);
            for (var offset = 0L; offset < sizes[i]; offset += BlockEvery)
            {
                stream.Position = offset;
                stream.Write(Bytes(random, (int)Math.Min(BlockSize, sizes[i] - offset)));
            }
        }
    }

    /// <summary>A Hugging Face cache with a named pipe, which hangs whoever opens it, as a dead network share would.</summary>
    public static async Task WriteHangingSbertAsync(string folder)
    {
        Assert.SkipUnless(Tool.Exists("mkfifo"), "mkfifo is not installed.");
        WriteSbert(folder, seed: 1, BlockSize);
        var result = await Tool.RunAsync("mkfifo", [Snapshot(folder, "model.safetensors")]);
        result.ExitCode.Should().Be(0, result.Error);
    }

    public static string Snapshot(string folder, params string[] parts) => Path.Join([folder, HubFolder, "snapshots", Commit, .. parts]);

    /// <summary>The files of a folder by relative path, without the markers of a version.</summary>
    public static IReadOnlyList<string> List(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder, f))
            .Where(f => f is not ("SHA256SUMS" or ".done" or "model.sig"))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Fails unless both folders have the same files with the same bytes.</summary>
    public static void ShouldBeEqual(string served, string source)
    {
        List(served).Should().Equal(List(source));
        foreach (var path in List(source))
        {
            SameBytes(Path.Join(served, path), Path.Join(source, path)).Should().BeTrue("'{0}' is served from {1}", path, served);
        }
    }

    private static bool SameBytes(string one, string other)
    {
        const int Chunk = 1 << 20;
        using var first = File.OpenRead(one);
        using var second = File.OpenRead(other);
        if (first.Length != second.Length)
        {
            return false;
        }

        var left = new byte[Chunk];
        var right = new byte[Chunk];
        while (true)
        {
            var read = first.ReadAtLeast(left, Chunk, throwOnEndOfStream: false);
            if (second.ReadAtLeast(right, Chunk, throwOnEndOfStream: false) != read || !left.AsSpan(0, read).SequenceEqual(right.AsSpan(0, read)))
            {
                return false;
            }

            if (read < Chunk)
            {
                return true;
            }
        }
    }

    private static object WriteBlob(string folder, byte[] content, string mediaType)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        Write(Path.Join(folder, "blobs", "sha256-" + hash), content);
        return new { mediaType, digest = "sha256:" + hash, size = content.Length };
    }

    private static void WriteRef(string folder)
    {
        Write(Path.Join(folder, HubFolder, "refs", "main"), Encoding.ASCII.GetBytes(Commit));
        Directory.CreateDirectory(Snapshot(folder));
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    private static void Clear(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
