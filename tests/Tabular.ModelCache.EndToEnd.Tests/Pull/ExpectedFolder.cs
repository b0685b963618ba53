using System.Security.Cryptography;
using System.Text;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Pull;

/// <summary>What the own programs of Ollama and Hugging Face write on a disk for a model: every file, by path, with its SHA-256.</summary>
internal static class ExpectedFolder
{
    /// <summary>The files of <c>BAAI/bge-m3</c> that a CPU needs: settings, vocabularies, and one set of weights.</summary>
    private static readonly string[] Chosen =
    [
        "1_Pooling/config.json", "README.md", "config.json", "config_sentence_transformers.json", "modules.json", "pytorch_model.bin",
        "sentence_bert_config.json", "sentencepiece.bpe.model", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json",
    ];

    public static IEnumerable<GeneratedFile> ChooseForCpu(IEnumerable<GeneratedFile> files) => files.Where(f => Chosen.Contains(f.Path, StringComparer.Ordinal));

    public static IEnumerable<GeneratedFile> FilesOf(OllamaModel model) => model.Layers.Select(l => l.File).Append(model.Config);

    public static string PathOf(GeneratedFile blob) => "blobs/sha256-" + blob.Sha256;

    public static string PathOf(string commit, GeneratedFile file) => $"models--BAAI--bge-m3/snapshots/{commit}/{file.Path}";

    public static Dictionary<string, string> Of(OllamaModel model, string authority)
    {
        var files = FilesOf(model).ToDictionary(PathOf, f => f.Sha256, StringComparer.Ordinal);
        files[$"manifests/{authority}/{PullRegistry.OllamaName}/{PullRegistry.OllamaTag}"] = Convert.ToHexStringLower(SHA256.HashData(model.Manifest.Span));
        return files;
    }

    public static Dictionary<string, string> Of(IEnumerable<GeneratedFile> repository, string commit)
    {
        var files = ChooseForCpu(repository).ToDictionary(f => PathOf(commit, f), f => f.Sha256, StringComparer.Ordinal);
        files.Should().HaveCount(Chosen.Length);

        // 40 bytes: readers take a newline for a part of the commit.
        files["models--BAAI--bge-m3/refs/main"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(commit)));
        return files;
    }

    /// <summary>Fails unless a folder has exactly these files with these bytes, read again from the disk.</summary>
    public static void ShouldBe(string folder, IReadOnlyDictionary<string, string> expected)
    {
        ModelFiles.List(folder).Should().BeEquivalentTo(expected.Keys);
        Parallel.ForEach(expected, file =>
        {
            using var stream = File.OpenRead(Path.Join(folder, file.Key));
            Convert.ToHexStringLower(SHA256.HashData(stream)).Should().Be(file.Value, file.Key);
        });
    }
}
